/** What every table says. */
export const says = {
  notLoaded: (label: string) => `${label} could not be loaded.`,
  loading: (label: string) => `Loading ${label}`,
  asTable: (label: string) => `${label}, as a table`,
  more: 'Show more',
}
