import { count } from '../../format/numbers'
import { useWallet } from '../hooks/useWallet'
import './embed.css'

interface Props {
  walletId: string
  /** Where a press leads, such as your page to add funds. */
  href?: string
}

/** The balance with its coin, kept in line by the live stream. */
export function WalletBadge({ walletId, href }: Props) {
  const { wallet } = useWallet(walletId)
  const isLow = wallet !== undefined && wallet.available_credits <= wallet.low_balance_threshold
  const shown = (
    <>
      <Coin />
      <span>{count(wallet?.available_credits)}</span>
      <span className="khata-hidden"> credits available{isLow && ', running low'}</span>
    </>
  )
  const looks = { className: 'khata-badge', 'data-low': isLow || undefined }
  return href ? (
    <a {...looks} href={href}>
      {shown}
    </a>
  ) : (
    <span {...looks}>{shown}</span>
  )
}

function Coin() {
  return (
    <svg width="15" height="15" viewBox="0 0 20 20" fill="none" aria-hidden>
      <path d="M10 1.4 18.6 10 10 18.6 1.4 10Z" stroke="currentColor" strokeWidth="1.7" />
      <path className="khata-core" d="M10 6.1 13.9 10 10 13.9 6.1 10Z" />
    </svg>
  )
}
