import { existsSync } from 'node:fs';

/** The only place of applications under test that lets time pass: between two looks for a file that a test writes. */
export function filePresent(path) {
  return new Promise((resolve) => {
    const look = () => (existsSync(path) ? resolve() : setTimeout(look, 5));
    look();
  });
}
