import type { Plugin } from 'vite'

const FIRST_PAINT = /geist-latin(-ext)?-wght-normal/

/** Preloads the two font files that the first paint needs: letters, and the sign of the rupee. */
export function preloadFonts(): Plugin {
  return {
    name: 'preload-fonts',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        return Object.keys(bundle ?? {})
          .filter((name) => FIRST_PAINT.test(name))
          .map((name) => ({
            tag: 'link',
            injectTo: 'head' as const,
            attrs: {
              rel: 'preload',
              href: `/${name}`,
              as: 'font',
              type: 'font/woff2',
              crossorigin: true,
            },
          }))
      },
    },
  }
}
