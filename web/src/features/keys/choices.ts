import { says } from './messages'

export type Window = keyof typeof says.windows

export const WINDOWS = Object.entries(says.windows).map(([value, label]) => ({
  value: value as Window,
  label,
}))

const { none, hour, day, week, month } = says.rotate.overlaps

/** For how long a former secret may stay good, in seconds. */
export const OVERLAPS = [
  { value: '0', label: none },
  { value: '3600', label: hour },
  { value: '86400', label: day },
  { value: '604800', label: week },
  { value: '2592000', label: month },
]
export const USUAL_OVERLAP = '86400'
