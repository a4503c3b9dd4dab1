/** The few words that parts of the kit bring with them. */
export const says = {
  csv: { all: 'Export CSV', of: (what: string) => `${what} as CSV` },
}
