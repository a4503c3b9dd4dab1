import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { pageDocuments } from './vite.pages.ts'

const API = process.env['KHATA_URL'] ?? 'http://127.0.0.1:8484'

/** What most pages are made of; not what draws more with it than it is itself. */
const KIT =
  /\/src\/(format|session|react\/hooks|ui\/(table|alerts|kit\/(?!Secret|Confirm|WholeNumber|Dialog|TooltipWords)))|\/@tabler\/|\/@mantine\/hooks\/|\/(SegmentedControl|FloatingIndicator)\//

export default defineConfig({
  plugins: [react(), pageDocuments()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    license: { fileName: 'THIRD-PARTY-LICENSES.md' },
    // Fonts and icons stay files of their own: the content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    sourcemap: false,
    // Every browser of the target preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files, each worth a request: left alone the bundler makes forty, and a slow line
        // waits for each. What every page needs at once is one; the others come with the pages
        // that need them, and what opens over a page comes when somebody reaches for it.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'frame', tags: ['$initial'] },
            { name: 'charts', test: /\/ui\/(charts\/(?!Spark)|forecast\/)|\/node_modules\/d3-/ },
            { name: 'kit', test: KIT, minShareCount: 2 },
          ],
        },
      },
    },
  },
  // `npm run dev` beside a running `khata serve`: pages from Vite, everything else from there.
  server: { port: 5199, proxy: { '/v1': API, '/openapi.json': API } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
