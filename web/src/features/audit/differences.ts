type Shown = Record<string, unknown> | null

export interface Difference {
  field: string
  was: string | null
  is: string | null
}

/** What a change changed, field by field. What it left as it was is not told. */
export function differences(before: Shown, after: Shown): Difference[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...fields].flatMap((field) => {
    const [was, is] = [said(before, field), said(after, field)]
    return was === is ? [] : [{ field, was, is }]
  })
}

function said(shown: Shown, field: string): string | null {
  const value = shown?.[field]
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
