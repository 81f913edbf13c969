import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import tseslint from 'typescript-eslint'

/** Folders each folder may import from; itself is always allowed. The arrows of README's drawing. */
const MAY_IMPORT = {
  kernels: [],
  engine: ['kernels'],
  electron: [],
  renderer: ['engine'],
}
const FOLDERS = [...Object.keys(MAY_IMPORT), 'bin', 'test']

const layering = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  files: [`${folder}/**`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).map(
              (f) => `**/${f}/**`,
            ),
            allowTypeImports: folder === 'renderer',
            message: `${folder}/ may import from: ${[folder, ...allowed].join(', ')}.`,
          },
          ...(folder === 'electron'
            ? []
            : [{ group: ['node:*'], message: 'Only electron/ and bin/ touch Node.' }]),
        ],
        paths:
          folder === 'electron' ? [] : [{ name: 'electron', message: 'Only electron/ touches Electron.' }],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist/', 'release/', 'node_modules/', 'assets/', 'test/output/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A parameter that stands before one that is needed.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    // Numeric loops over typed arrays: the bound is on the line above each `!`.
    files: [
      '**/*.ref.ts',
      'engine/hybridize/cpu-*.ts',
      'engine/model/rope-table.ts',
      'engine/text/sampler.ts',
      'engine/text/tokenizer.ts',
      'engine/formats/**',
      'kernels/half.ts',
      'test/**',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
  ...layering,
)
