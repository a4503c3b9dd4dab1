export const WORDS = {
  against: 'Compared with',
  comparedWith: (version: number) => `Against version ${version}`,
  since: 'Since',
  gone: (names: readonly string[], version: number) =>
    `No more in it, of what version ${version} had: ${names.join(', ')}.`,
} as const
