/** What the page says of limits. */
export const LIMIT_WORDS = {
  title: 'People and keys',
  note: 'Credits of this wallet. A limit holds in the very moment of a charge.',
  saved: 'Limit saved',
  holds: (name: string) => `${name} is held to it from the next charge on.`,
  ended: (name: string) => `${name} has no limit of its own any more.`,
  anew: 'It holds from the next charge on.',
  refused: 'The limit was not changed.',
  of: (name: string) => `Limit of ${name}`,
  then: (name: string) => `At the limit of ${name}`,
  used: (name: string) => `Used by ${name}`,
  none: 'No limit',
  ofEach: 'for each member',
  thisMonth: 'this month',
  never: 'Never',
  asShared: 'As for each',
} as const
