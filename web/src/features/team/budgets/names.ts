import { featureName } from '@/format/words'
import { categoryOf } from '@/ui/kit'
import { says } from '../messages'
import type { Budget } from './Budgets'

/** Whom the limit holds. */
export const subjectOf = ({ level, subject }: Budget, nameOf: (id: string) => string) =>
  subject ? nameOf(subject) : says.levels[level]

/** Of what it holds them. */
export function whatOf({ category, feature, unit, wallet_id }: Budget): string {
  const of = feature ? featureName(feature) : category ? categoryOf(category).name : says.everything
  return says.part(of, unit, wallet_id === null)
}
