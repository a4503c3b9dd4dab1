import createFetch, { type Client, type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import { problemOf, unreachable } from './problem'

export type ApiClient = Client<paths>

export interface ClientOptions {
  /** Where Khata is; the page's own origin if not said. */
  baseUrl?: string
  /** A bearer token, asked for with each request. Without it the session's cookie speaks. */
  token?: () => string | Promise<string>
}

/** The API, typed by its own document. What is refused is thrown as a `Problem`. */
export interface Khata {
  readonly api: ApiClient
  readonly baseUrl: string
  /** The headers that say who asks, for requests that are made by hand. */
  readonly credentials: () => Promise<Record<string, string>>
  /** The session's token against forged requests; sent with all that may change something. */
  csrfToken: string | null
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createKhata({ baseUrl = '', token }: ClientOptions = {}): Khata {
  const api = createFetch<paths>({ baseUrl, credentials: token ? 'omit' : 'same-origin' })
  const khata: Khata = {
    api,
    baseUrl,
    csrfToken: null,
    credentials: async () => (token ? { Authorization: `Bearer ${await token()}` } : {}),
  }
  api.use(spoken(khata))
  return khata
}

function spoken(khata: Khata): Middleware {
  return {
    async onRequest({ request }) {
      const headers = await khata.credentials()
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
      if (khata.csrfToken && !SAFE.has(request.method)) {
        request.headers.set('X-CSRF-Token', khata.csrfToken)
      }
      return request
    },
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response)
      return response
    },
    onError: () => unreachable(),
  }
}

/** A key for one operation of a person: made when its form opens, kept for all its retries. */
export function idempotencyKey(): string {
  return `web-${crypto.randomUUID()}`
}
