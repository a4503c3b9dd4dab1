import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

type Bundle = Rolldown.OutputBundle
type Chunk = Rolldown.OutputChunk

/** Which module each address shows, as `src/app/router.tsx` has it. */
const PAGES: Record<string, string> = {
  index: 'billing/Billing',
  org: 'billing/Billing',
  'org/billing': 'billing/Billing',
  'org/billing/wallet': 'wallet/Wallet',
  'org/billing/add-funds': 'add-funds/AddFunds',
  'org/billing/usage': 'usage/Usage',
  'org/team': 'team/Team',
  'org/invoices': 'invoices/Invoices',
  'org/alerts': 'alerts/Alerts',
  'org/pricing': 'pricing/Pricing',
  'org/keys': 'keys/Keys',
  'org/webhooks': 'webhooks/Webhooks',
  'org/audit': 'audit/Audit',
  'org/settings': 'settings/Settings',
  'sign-in': 'sign-in/SignIn',
  'accept-invitation': 'sign-in/Invitation',
}
/** What every page of an organization asks first: who is signed in, and to which wallets. */
const ASKED_FIRST = ['/v1/session', '/v1/wallets?limit=200']
/** Letters, and the sign of the rupee. */
const FONTS_OF_FIRST_PAINT = /geist-latin(-ext)?-wght-normal/
const PACKED = /\.(js|css|html)$/

/**
 * Makes a document for each page, which names all that its first paint needs: nothing waits then
 * for the script before it to say so. Packs what is sent, once and as well as can be.
 */
export function pageDocuments(): Plugin {
  return {
    name: 'page-documents',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const index = bundle['index.html']
        if (index?.type !== 'asset') throw new Error('There is no index.html to make pages of.')
        const bare = String(index.source)
        for (const [path, module] of Object.entries(PAGES)) {
          const links = [
            ...(path.startsWith('org') || path === 'index' ? ASKED_FIRST.map(fetched) : []),
            ...codeOf(bundle, module).filter((link) => !bare.includes(link)),
            ...Object.keys(bundle)
              .filter((name) => FONTS_OF_FIRST_PAINT.test(name))
              .map(font),
          ]
          const source = bare.replace('</head>', `${links.join('')}</head>`)
          if (path === 'index') index.source = source
          else this.emitFile({ type: 'asset', fileName: `${path}.html`, source })
        }
      },
    },
    writeBundle({ dir }, bundle) {
      if (!dir) throw new Error('The build has no folder.')
      for (const [name, file] of Object.entries(bundle)) {
        if (!PACKED.test(name)) continue
        const source = Buffer.from(file.type === 'chunk' ? file.code : file.source)
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: source.length,
        }
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(source, { params }))
      }
    },
  }
}

/** The page's code with all that it imports, and the styles of both. */
function codeOf(bundle: Bundle, module: string): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  const page = chunks.find(({ facadeModuleId }) =>
    facadeModuleId?.endsWith(`/features/${module}.tsx`),
  )
  if (!page) throw new Error(`There is no code of its own for the page ${module}.`)
  const needed = new Set<Chunk>()
  const need = (chunk: Chunk) => {
    if (needed.has(chunk)) return
    needed.add(chunk)
    for (const name of chunk.imports) {
      const imported = bundle[name]
      if (imported?.type === 'chunk') need(imported)
    }
  }
  need(page)
  const styles = [...needed].flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])])
  return [
    ...styles.map((name) => `<link rel="stylesheet" crossorigin href="/${name}">`),
    ...[...needed].map(
      ({ fileName }) => `<link rel="modulepreload" crossorigin href="/${fileName}">`,
    ),
  ]
}

const fetched = (path: string) => `<link rel="preload" as="fetch" crossorigin href="${path}">`

const font = (name: string) =>
  `<link rel="preload" as="font" type="font/woff2" crossorigin href="/${name}">`
