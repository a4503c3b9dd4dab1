/** Codes of the API in people's words. */

const ACRONYMS = new Set(['AI', 'API', 'GST', 'UPI', 'CSV'])
const UNIT = /^\d+(MB|GB)$/

/** AI_SUMMARY as "AI summary", STORAGE_100MB as "Storage 100 MB". */
export function featureName(code: string): string {
  const words = code.split('_').map((word, place) => {
    if (ACRONYMS.has(word)) return word
    const [, unit] = UNIT.exec(word) ?? []
    if (unit) return `${word.slice(0, -unit.length)} ${unit}`
    const small = word.toLowerCase()
    return place ? small : small.charAt(0).toUpperCase() + small.slice(1)
  })
  return words.join(' ')
}

const TYPES: Record<string, string> = {
  CREDIT_PURCHASE: 'Credits bought',
  BONUS_CREDIT: 'Bonus credits',
  ADMIN_ADJUSTMENT: 'Adjustment',
  REFUND: 'Usage refunded',
  HOLD: 'Reserved',
  HOLD_RELEASE: 'Reservation released',
  EXPIRY: 'Credits expired',
  TRANSFER_IN: 'Gift received',
  TRANSFER_OUT: 'Gift sent',
  LOCK: 'Locked for review',
  UNLOCK: 'Unlocked',
  CLAWBACK: 'Taken back',
  PAYOUT_HOLD: 'Locked for a payout',
  PAYOUT_RELEASE: 'Payout released',
}

/** What a transaction is called in a list: its feature where it has one. */
export function transactionName({ type, feature }: { type: string; feature: string | null }) {
  if (feature && type in FEATURE_STATES) return featureName(feature) + (FEATURE_STATES[type] ?? '')
  return TYPES[type] ?? featureName(type)
}

const FEATURE_STATES: Record<string, string> = {
  USAGE_DEDUCTION: '',
  HOLD_CAPTURE: '',
  HOLD: ', reserved',
  HOLD_RELEASE: ', released',
  REFUND: ', refunded',
}

const ACTORS: Record<string, string> = {
  worker: 'Khata itself',
  'command-line': 'Command line',
}

/** Whoever acts without a name: Khata, the command line, or an ID. */
export const actorName = (actor: string) => ACTORS[actor] ?? actor

/** Ananya Iyer as AI, production-key as P. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('')
}
