import { count } from '@/format/numbers'

/** What the overview says, as far as it is gathered here. */
export const says = {
  onCourse: (credits: number) => `On course for ${count(credits)}`,
  lastMonth: (credits: number) => `${count(credits)} by this day last month`,
}
