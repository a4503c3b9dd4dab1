import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { preloadFonts } from './vite.preload.ts'

const API = process.env['KHATA_URL'] ?? 'http://127.0.0.1:8484'

export default defineConfig({
  plugins: [react(), preloadFonts()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    license: { fileName: 'THIRD-PARTY-LICENSES.md' },
    // Fonts and icons stay files of their own: the content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    sourcemap: false,
    // Every browser of the target preloads modules by itself.
    modulePreload: { polyfill: false },
  },
  // `npm run dev` beside a running `khata serve`: pages from Vite, everything else from there.
  server: { port: 5199, proxy: { '/v1': API, '/openapi.json': API } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
})
