// @vitest-environment node
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/* The contrasts that design asks for, reckoned from the very tokens that the pages use. */

const CSS = readFileSync('src/ui/tokens.css', 'utf8')
const DARK = CSS.indexOf("[data-mantine-color-scheme='dark']")
const SCHEMES = { light: tokensIn(CSS.slice(0, DARK)), dark: tokensIn(CSS.slice(DARK)) }

type Scheme = keyof typeof SCHEMES

const TEXT = 4.5
const GRAPHIC = 3

const PAIRS: [front: string, back: string, bar: number][] = [
  ...['text', 'text-2', 'text-3', 'brand-text'].flatMap((front): [string, string, number][] =>
    ['canvas', 'panel', 'raised', 'subtle', 'hover', 'active'].map((back) => [front, back, TEXT]),
  ),
  ['on-brand', 'brand', TEXT],
  ['on-brand', 'brand-hover', TEXT],
  ['on-brand', 'brand-press', TEXT],
  ['brand-text', 'brand-tint', TEXT],
  ['ok-text', 'ok-tint', TEXT],
  ['warn-text', 'warn-tint', TEXT],
  ['bad-text', 'bad-tint', TEXT],
  ['on-brand', 'bad', TEXT],
  ['tooltip-text', 'tooltip-bg', TEXT],
  ['control', 'panel', GRAPHIC],
  ['brand', 'active', GRAPHIC],
  ['warn', 'panel', GRAPHIC],
  ...['ai', 'storage', 'api', 'community', 'webhooks', 'queue'].map(
    (category): [string, string, number] => [`c-${category}`, 'panel', GRAPHIC],
  ),
]

describe.each(['light', 'dark'] as Scheme[])('in the %s theme', (scheme) => {
  it.each(PAIRS)('%s on %s has a contrast of %s or more', (front, back, bar) => {
    expect(contrast(colour(scheme, front), colour(scheme, back))).toBeGreaterThanOrEqual(bar)
  })
})

it('no other stylesheet has a colour of its own', () => {
  const sheets = globSync('src/**/*.css').filter((path) => !/tokens|embed/.test(path))
  const found = sheets.flatMap((path) =>
    (readFileSync(path, 'utf8').match(/#[0-9a-f]{3,8}\b/gi) ?? []).map((hex) => `${path}: ${hex}`),
  )
  expect(sheets.length).toBeGreaterThan(5)
  expect(found).toEqual([])
})

function tokensIn(css: string): Map<string, string> {
  const found = css.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)
  return new Map([...found].map(([, name = '', hex = '']) => [name, hex]))
}

/** What the dark theme does not say anew is as in the light one. */
function colour(scheme: Scheme, name: string): string {
  const hex = SCHEMES[scheme].get(name) ?? SCHEMES.light.get(name)
  if (!hex) throw new Error(`There is no colour --${name}.`)
  return hex
}

/** By WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
