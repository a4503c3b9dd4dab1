import { featureName } from '@/format/words'
import { categoryOf } from '@/ui/kit'
import type { Budget } from './Budgets'

export const LEVELS: Record<Budget['level'], string> = {
  organization: 'The organisation',
  team: 'Each team',
  member: 'Each member',
  key: 'Each API key',
}

export const WINDOWS: Record<Budget['window'], string> = {
  hour: 'Each hour',
  day: 'Each day',
  month: 'Each month',
  lifetime: 'Never',
}

export const UNITS: Record<Budget['unit'], string> = { credits: 'credits', count: 'operations' }

export const AT_LIMIT: Record<Budget['on_limit'], string> = {
  refuse: 'Charges are refused',
  alert: 'People are told',
}

/** Whom the limit holds. */
export const subjectOf = ({ level, subject }: Budget, nameOf: (id: string) => string) =>
  subject ? nameOf(subject) : LEVELS[level]

/** Of what it holds them. */
export function whatOf({ category, feature, unit, wallet_id }: Budget): string {
  const of = feature ? featureName(feature) : category ? categoryOf(category).name : 'Everything'
  return `${of}, in ${UNITS[unit]}${wallet_id ? '' : ', all wallets'}`
}
