/** Codes with their names, as a select offers them. */
export const choices = <T extends string>(of: Record<T, string>) =>
  Object.entries<string>(of).map(([value, label]) => ({ value, label }))
