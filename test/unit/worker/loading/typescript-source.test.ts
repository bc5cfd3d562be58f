import assert from 'node:assert/strict';
import {
  hasModuleSyntax,
  isMoreThanTypes,
} from '../../../../src/worker/loading/typescript-source.js';

describe('what the text of a TypeScript file says', () => {
  const MODULES = [
    'export const a = 1;',
    'const a = 1;\n  export { a };',
    'import "x";',
    "import x, { type Y } from 'x';",
    'import * as x from "x";import{y}from"y";',
    'export default class {}',
    'export * from "./x";',
    'export async function type() {}',
    'import type, { x } from "x";',
    '/* why */ export const a = 1;',
    'const quote = /["`]/;\nexport const a = `;`;',
    "const ratio = a / b; // it's\nexport const c = 1;",
  ];
  for (const source of MODULES) {
    it(`finds an ES module in ${JSON.stringify(source)}`, () => {
      assert.equal(hasModuleSyntax(source), true);
    });
  }

  const COMMONJS = [
    'const x = require("x"); module.exports = x;',
    '/* documentation:\nexport const nothing = 1\nimport { x } from "y"\n*/',
    '// like this:\n// export const a = 1',
    'const code = `\nexport const generated = 1;\n`;',
    'export interface Foo { a: string }\nexport type Bar = string;\nexport type { Baz };\nmodule.exports = 1;',
    'import type { Foo } from "./foo.js";\nmodule.exports = 1;',
    'export declare const a: string;',
    'import fs = require("node:fs");\nexport = fs;',
    'const later = import("x");',
    'const quote = /`/;\nconst text = `\nexport const a = 1;\n`;',
  ];
  for (const source of COMMONJS) {
    it(`finds none in ${JSON.stringify(source)}`, () => {
      assert.equal(hasModuleSyntax(source), false);
    });
  }

  const MORE = [
    'enum Color { Red }',
    'export const enum Color { Red }',
    'namespace Shapes { export const a = 1; }',
    'class Box {\n  constructor(\n    // its size\n    private readonly size: number,\n    public name = "",\n  ) {}\n}',
    'class Box { constructor(readonly size) {} }',
    'import fs = require("node:fs");',
    'export import Point = Shapes.Point;',
    'export = {};',
    '@injectable()\nclass Box {}',
    'export default @injectable class Box {}',
    'class Box { constructor(@Inject() box: Box) {} }',
    'class Box { @column name: string; }',
    'const a = <string>b;',
    'return <Box[]>[];',
  ];
  for (const source of MORE) {
    it(`finds more than types in ${JSON.stringify(source)}`, () => {
      assert.equal(isMoreThanTypes(source), true);
    });
  }

  const TYPES = [
    'interface Box { readonly size: number; module: string }',
    'type Pair = Record<string, readonly string[]>;',
    'function f(a: Map<string, readonly number[]>, b: readonly string[]) {}',
    'class Box { constructor(size: number) {} private name: string; readonly a = 1; }',
    'const f = <T>(x: T): T => x;',
    'const f = async <T>(x: T) => x;',
    'type F = <T>(x: T) => T;',
    'const c = a < b && c > d;',
    '// enum Color { Red }\nconst text = "enum Color { Red }";',
    '/** @param name of the enum { Red } */\nconst address = "a@b.example";',
    'declare namespace Shapes { const a: number }',
    'declare module "x" { const a: number }',
    "import type { Box } from '@scope/box';",
    'const css = `\n@media print {}\n`;',
  ];
  for (const source of TYPES) {
    it(`finds only types in ${JSON.stringify(source)}`, () => {
      assert.equal(isMoreThanTypes(source), false);
    });
  }
});
