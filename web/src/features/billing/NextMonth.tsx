import { Stat } from '@/ui/kit'
import { useForecast } from '@/ui/forecast/useForecast'

/** What next month will use, with its range; or why nobody can say yet. */
export function NextMonth() {
  const { label, value, hint } = useForecast()
  return <Stat label={label} value={value} hint={<span>{hint}</span>} />
}
