/** Said of whoever asks, or by what stands before the server, and not of what is asked. */
const TURNED_AWAY = new Set([
  'UNAUTHENTICATED',
  'CSRF_FAILED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'UNKNOWN',
])

/** The gateway's own word on what was asked: another try has the same answer. */
const FINAL = 'GATEWAY_REFUSED'

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
    if (this.code === FINAL) return false
    return this.status === 0 || this.status === 408 || this.status >= 500
  }

  /** Whether what was asked was not looked at, so that this tells nothing of an earlier try. */
  get isTurnedAway(): boolean {
    return TURNED_AWAY.has(this.code)
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
