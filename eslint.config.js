import { existsSync } from 'node:fs';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

/** The benchmarks are a package of their own; without its packages the types of the servers compared are unknown. */
const benchInstalled = existsSync(join(import.meta.dirname, 'bench/node_modules'));

const nodeGlobals = Object.fromEntries(
  [
    'Buffer',
    'URL',
    'console',
    'process',
    'clearTimeout',
    'setImmediate',
    'setInterval',
    'setTimeout',
  ].map((name) => [name, 'readonly']),
);

/** What makes a test flaky or lets it pass without looking. Helpers that wait for an event with a limit are fine. */
const noWaitingForTime = [
  {
    selector: "CallExpression[callee.property.name='retries']",
    message: 'A test that needs a second try is wrong. Find what it should wait for.',
  },
  {
    selector:
      "CallExpression[callee.name='setTimeout'] > Identifier.arguments:first-child[name=/^(resolve|done|res|ok|next)$/]",
    message: 'Wait for an event or a message, never for time to pass.',
  },
  {
    selector:
      "CallExpression[callee.name='setTimeout'] > ArrowFunctionExpression.arguments:first-child > CallExpression.body[callee.name=/^(resolve|done|res|ok|next)$/][arguments.length=0]",
    message: 'Wait for an event or a message, never for time to pass.',
  },
  {
    selector: 'CallExpression[callee.name=/^(sleep|delay|pause)$/]',
    message: 'Wait for an event or a message, never for time to pass.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?timers\\/promises$/]',
    message: 'Wait for an event or a message, never for time to pass.',
  },
  {
    selector:
      'CallExpression[callee.object.name=/^(it|describe|test)$/][callee.property.name=/^(only|skip)$/]',
    message: 'No test is left out or run alone in what is checked in.',
  },
];

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'build/',
      'prebuilds/',
      'native/',
      '.cache/',
      'bench/dist/',
      'bench/results/',
      ...(benchInstalled ? ['bench/node_modules/'] : ['bench/']),
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // What an application threw is passed on as it is.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: false },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    files: ['**/*.{ts,js,mjs,cjs}'],
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: a name is the same wherever it is used.',
        },
        {
          selector: 'TSEnumDeclaration',
          message: 'Erasable syntax only: a union of literals or a const object.',
        },
      ],
    },
  },
  {
    // In TypeScript the compiler and its own rule look at names.
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: nodeGlobals },
    rules: {
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // Applications under test show what users write; configuration files are read by tools that want a default export.
    files: [
      'eslint.config.js',
      'test/apps/**',
      'test/fixtures/**',
      'examples/**',
      'bench/apps/**',
      'bench/servers/**',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/apps/**', 'test/fixtures/**'],
    rules: {
      'no-restricted-syntax': ['error', ...noWaitingForTime],
      // describe() bodies are lists of tests, not functions that somebody has to understand as a whole.
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
);
