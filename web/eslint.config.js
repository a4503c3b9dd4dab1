import { readdirSync } from 'node:fs'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import { flatConfigs, createNodeResolver } from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** The floors: each folder may import from those that come before it, and from itself. */
const FLOORS = ['format', 'api', 'react', 'session', 'ui', 'features', 'app']

const upwards = FLOORS.slice(0, -1).map((floor, at) => ({
  target: `./src/${floor}`,
  from: FLOORS.slice(at + 1).map((above) => `./src/${above}`),
  message: `src/${floor} stands below that.`,
}))
const sideways = readdirSync(new URL('./src/features', import.meta.url)).map((feature) => ({
  target: `./src/features/${feature}`,
  from: './src/features',
  except: [`./${feature}`],
  message: 'A feature knows no other; what two need goes a floor down.',
}))
/** What others install knows neither our look nor our pages. */
const apart = {
  target: ['./src/react', './src/api', './src/format'],
  from: './src/ui',
  message: 'The React package is independent of the dashboard.',
}

/** What people read stands in the message file of its page, not beside what shows it. */
const SAID = ':matches(Literal[value=/\\p{L}{2}/u], TemplateLiteral)'
const ATTRIBUTES =
  '/^(aria-label|title|label|placeholder|description|what|sub|act|submit|failed|unit|summary)$/'
const inline = [
  'JSXText[value=/\\p{L}{2}/u]',
  `JSXElement > JSXExpressionContainer > ${SAID}`,
  `JSXElement > JSXExpressionContainer > ConditionalExpression > ${SAID}`,
  `JSXAttribute[name.name=${ATTRIBUTES}] > ${SAID}`,
  `JSXAttribute[name.name=${ATTRIBUTES}] > JSXExpressionContainer > ${SAID}`,
  `JSXAttribute[name.name=${ATTRIBUTES}] > JSXExpressionContainer > ConditionalExpression > ${SAID}`,
  `Property[key.name=/^(title|label)$/] > ${SAID}`,
  `CallExpression[callee.name='toast'] > ${SAID}`,
].map((selector) => ({ selector, message: 'What people read goes to messages.ts.' }))

export default tseslint.config(
  { ignores: ['dist', 'dist-react', '**/*.js', 'src/api/schema.d.ts'] },
  ...tseslint.configs.strictTypeChecked,
  flatConfigs.typescript,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { 'import-x': flatConfigs.recommended.plugins['import-x'] },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.tsx', '.d.ts', '.js', '.css'],
          alias: { '@': ['./src'] },
        }),
      ],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...upwards, ...sideways, apart] }],
      'import-x/no-cycle': 'error',
      'max-lines': ['error', 300],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['src/{app,features,ui}/**/*.tsx'],
    rules: { 'no-restricted-syntax': ['error', ...inline] },
  },
)
