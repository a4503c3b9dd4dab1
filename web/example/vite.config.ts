import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** `npm run example` beside a running `khata serve`. */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  // In a page of yours this is a dependency; here it is the package as it was just built.
  resolve: {
    alias: [
      { find: '@khata/react/khata.css', replacement: here('../dist-react/khata.css') },
      { find: '@khata/react', replacement: here('../dist-react/index.js') },
    ],
  },
  build: { outDir: here('../dist-react/example-check'), emptyOutDir: true },
  server: { proxy: { '/v1': process.env['KHATA_URL'] ?? 'http://127.0.0.1:8484' } },
})
