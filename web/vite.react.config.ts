import { cpSync, writeFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import own from './package.json' with { type: 'json' }

const OUT = 'dist-react'

/** The React package that others install: hooks and embeddable parts, without the dashboard. */
export default defineConfig({
  plugins: [react(), described()],
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: OUT,
    lib: {
      entry: 'src/react/index.ts',
      formats: ['es'],
      fileName: 'index',
      cssFileName: 'khata',
    },
    rolldownOptions: { external: [/^react($|\/)/, '@tanstack/react-query', /^openapi-/] },
  },
})

/** Its package.json: React and the query client are those of the page that it is part of. */
function described(): Plugin {
  const version = (name: string) =>
    ({ ...own.dependencies, ...own.devDependencies })[name as keyof typeof own.dependencies]
  return {
    name: 'describe-package',
    closeBundle() {
      const described = {
        name: '@khata/react',
        version: own.version,
        license: own.license,
        description: 'Hooks and embeddable parts for credit wallets kept by Khata.',
        type: 'module',
        sideEffects: ['*.css'],
        exports: {
          '.': { types: './types/react/index.d.ts', default: './index.js' },
          './khata.css': './khata.css',
        },
        peerDependencies: { react: '>=19', '@tanstack/react-query': '>=5' },
        dependencies: Object.fromEntries(
          ['openapi-fetch', 'openapi-react-query'].map((name) => [name, version(name)]),
        ),
      }
      writeFileSync(`${OUT}/package.json`, JSON.stringify(described, null, 2))
      cpSync('src/api/schema.d.ts', `${OUT}/types/api/schema.d.ts`) // tsc copies no declarations
      cpSync('src/react/README.md', `${OUT}/README.md`)
    },
  }
}
