import type { components } from '@/api/schema'
import type { Member } from '@/api/types'

type Schemas = components['schemas']
export type Budget = Schemas['Budget']
export type ApiKey = Schemas['ApiKey']

/** Somebody or something that uses credits, with the limit that holds it. */
export interface Spender {
  id: string
  kind: 'member' | 'key'
  name: string
  detail: string
  /** As charges name it: the subject of a limit. */
  subject: string
  used: number | null
  /** The limit of its own, which is edited here. */
  limit: number | null
  /** That of everybody, where there is one and none of its own. */
  shared: Budget | null
  /** What is used up first: the own limit, or else the one for everybody. */
  top: number | null
  window: Budget['window']
  resetsAt: string | null
  onLimit: Budget['on_limit'] | null
  budgetId: string | null
}

/** What each has used, by the name that charges have for them. */
interface Uses {
  of: ReadonlyMap<string, number>
  /** What whoever is not among them has used: nothing, or that is not known. */
  others: 0 | null
}

interface Known {
  members: readonly Member[]
  keys: readonly ApiKey[]
  budgets: readonly Budget[]
  /** Of this month. */
  month: Uses
  /** Of the limit for everybody. */
  ofShared: Uses
}

const isOfAll = ({ unit, category, feature, ended_at }: Budget) =>
  unit === 'credits' && category === null && feature === null && ended_at === null

/** The limit on all credits that each member uses, if there is one. */
export const sharedBudget = (budgets: readonly Budget[]) =>
  budgets.find((each) => each.level === 'member' && each.subject === null && isOfAll(each)) ?? null

/** People first, as the organization lists them, and then its keys that are good. */
export function spenders(known: Known): Spender[] {
  const people = known.members.map((member) => memberRow(member, known))
  const keys = known.keys.filter(({ revoked_at }) => revoked_at === null).map(keyRow)
  return [...people, ...keys]
}

function memberRow(member: Member, { budgets, month, ofShared }: Known): Spender {
  const names = [member.external_id, member.id].filter((name) => name !== null)
  const isOwn = ({ level, subject }: Budget) =>
    level === 'member' && subject !== null && names.includes(subject)
  const own = budgets.find((each) => isOwn(each) && isOfAll(each))
  const shared = sharedBudget(budgets)
  const held = own ?? shared
  const find = ({ of, others }: Uses) =>
    names.map((name) => of.get(name)).find((used) => used !== undefined) ?? others
  return {
    id: member.id,
    kind: 'member',
    name: member.name,
    detail: member.email ?? member.external_id ?? member.id,
    subject: member.external_id ?? member.id,
    used: own ? own.used : find(shared ? ofShared : month),
    limit: own?.limit ?? null,
    shared: own ? null : shared,
    top: held?.limit ?? null,
    window: held?.window ?? 'month',
    resetsAt: held?.resets_at ?? null,
    onLimit: held?.on_limit ?? null,
    budgetId: own?.id ?? null,
  }
}

function keyRow({ id, name, hint, spending_limit: own }: ApiKey): Spender {
  return {
    id,
    kind: 'key',
    name,
    detail: hint,
    subject: id,
    used: own?.used ?? null,
    limit: own?.credits ?? null,
    shared: null,
    top: own?.credits ?? null,
    window: own?.window ?? 'month',
    resetsAt: own?.resets_at ?? null,
    onLimit: own ? 'refuse' : null,
    budgetId: own?.budget_id ?? null,
  }
}
