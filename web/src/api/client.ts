import createFetch, { type Client } from 'openapi-fetch'
import type { paths } from './schema'
import { Problem, problemOf, unreachable } from './problem'

export type ApiClient = Client<paths>

export interface ClientOptions {
  /** Where Khata is; the page's own origin if not said. */
  baseUrl?: string
  /** A bearer token, asked for with each request. Without it the session's cookie speaks. */
  token?: () => string | Promise<string>
  /** Whether somebody is at the page: what it asks by itself does not keep the session alive. */
  isAttended?: () => boolean
  /**
   * Asks for the session's token anew, where that which was sent is of a session before. Without
   * one the change is refused as it is: it is not for whoever is signed in now.
   */
  renewCsrfToken?: () => Promise<string | null>
}

/** The API, typed by its own document. What is refused is thrown as a `Problem`. */
export interface Khata {
  readonly api: ApiClient
  readonly baseUrl: string
  /** The headers that say who asks, for requests that are made by hand. */
  readonly credentials: () => Promise<Record<string, string>>
  /** The session's token against forged requests; sent with all that may change something. */
  readonly setCsrfToken: (token: string | null) => void
}

const CSRF_HEADER = 'X-CSRF-Token'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createKhata(options: ClientOptions = {}): Khata {
  const { baseUrl = '', token, isAttended, renewCsrfToken } = options
  const api = createFetch<paths>({
    baseUrl,
    credentials: token ? 'omit' : 'same-origin',
    fetch: (request) => sent(request, renewCsrfToken),
  })
  let csrfToken: string | null = null
  const credentials = async (): Promise<Record<string, string>> =>
    token ? { Authorization: `Bearer ${await token()}` } : {}
  api.use({
    async onRequest({ request }) {
      const headers = await credentials()
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
      if (!token && isAttended?.() === false) request.headers.set('X-Unattended', '1')
      if (csrfToken && !SAFE.has(request.method)) request.headers.set(CSRF_HEADER, csrfToken)
      return request
    },
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response)
      return response
    },
    onError: ({ error }) => (error instanceof Problem ? error : unreachable()),
  })
  return { api, baseUrl, credentials, setCsrfToken: (told) => (csrfToken = told) }
}

/** Sends it, and once more where only its token against forged requests was an old one. */
async function sent(request: Request, renew: ClientOptions['renewCsrfToken']): Promise<Response> {
  const isRenewable = renew && request.headers.has(CSRF_HEADER)
  const again = isRenewable ? request.clone() : null
  const response = await fetch(request)
  if (!again || !renew || response.status !== 403) return response
  if ((await problemOf(response.clone())).code !== 'CSRF_FAILED') return response
  const renewed = await renew()
  if (renewed === null) return response
  again.headers.set(CSRF_HEADER, renewed)
  return fetch(again)
}

/** A key for one operation of a person: made when its form opens, kept for all its retries. */
export function idempotencyKey(): string {
  return `web-${crypto.randomUUID()}`
}
