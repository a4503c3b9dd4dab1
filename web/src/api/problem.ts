/** A refusal of the server, RFC 9457: a stable `code`, a sentence, and typed facts beside them. */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
    readonly requestId: string | null = null,
  ) {
    super(`${code}: ${detail}`)
  }

  /** What to mend, by the field's dotted path. */
  get errors(): Readonly<Record<string, string>> {
    const listed = this.facts['errors']
    if (!Array.isArray(listed)) return {}
    return Object.fromEntries(
      (listed as { field: string; message: string }[]).map(({ field, message }) => [
        field,
        message,
      ]),
    )
  }

  /** Whether the same request may go well a little later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status >= 500
  }
}

/** The refusal in what a query or a mutation failed with, if it is one. */
export const problemIn = (error: unknown) => (error instanceof Problem ? error : null)

/** What an answer that is no success says. */
export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id')
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>
  const { code, detail, type, title, status, ...facts } = body
  return new Problem(
    response.status,
    typeof code === 'string' ? code : 'UNKNOWN',
    typeof detail === 'string' ? detail : `The server answered ${response.status}.`,
    facts,
    requestId,
  )
}

/** The server was not reached: nothing is known of what was asked. */
export const unreachable = () =>
  new Problem(0, 'UNREACHABLE', 'Khata cannot be reached. Check the connection.')
