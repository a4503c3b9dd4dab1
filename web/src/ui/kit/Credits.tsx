import { count, signed as withSign } from '@/format/numbers'
import { Coin } from './Coin'
import { says } from './messages'
import s from './kit.module.css'

interface Props {
  n: number | null | undefined
  size?: number
  /** Says the unit in so many words beside the coin. */
  unit?: boolean
  signed?: boolean
}

/** A sum of credits with its coin. */
export function Credits({ n, size = 14, unit = false, signed = false }: Props) {
  return (
    <span className={s.credits}>
      <Coin size={size} />
      <span>
        {signed && n != null ? withSign(n) : count(n)}
        {unit ? says.credits : <span className="vh">{says.credits}</span>}
      </span>
    </span>
  )
}
