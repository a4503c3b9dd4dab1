import { Button, Modal, Switch } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useId, useState } from 'react'
import { count, wholeMoney } from '@/format/numbers'
import { useLowBalance, usePacks, useUsageAnalytics } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Choice, Coin, Meter } from '@/ui/kit'
import { route } from '../ledger/filter'
import { says } from '../messages'
import { useMethods, useSaveRecharge } from '../recharge'
import s from './low-balance.module.css'

const OFFERED = 3

/** Opens once each time that the balance falls to the level, and never during a checkout. */
export default function LowBalance() {
  const { low } = route.useSearch()
  const navigate = route.useNavigate()
  const { wallet } = useChosenWallet()
  const mayPay = useMay('payments:write')
  const show = (on: boolean) =>
    void navigate({
      search: ({ low: _, ...search }) => (on ? { ...search, low: true } : search),
      replace: true,
    })
  const { isNew, settle } = useLowBalance(wallet)
  useEffect(() => {
    if (isNew && mayPay) show(true)
  })
  const close = () => {
    settle()
    show(false)
  }
  return (
    <Modal
      opened={Boolean(low)}
      onClose={close}
      withCloseButton={false}
      size={480}
      centered
      attributes={{ content: { 'aria-label': says.low.label } }}
    >
      <Content close={close} />
    </Modal>
  )
}

function Content({ close }: { close: () => void }) {
  const { wallet } = useChosenWallet()
  const { summary } = useUsageAnalytics(wallet.id)
  const { packs = [] } = usePacks()
  const navigate = useNavigate()
  const [packId, setPackId] = useState<string>()
  const name = useId()
  const offered = packs.slice(0, OFFERED)
  const chosen = offered.find(({ id }) => id === packId) ?? offered[1]
  return (
    <div>
      <div className={s.top}>
        <span className={s.icon} aria-hidden>
          <IconAlertTriangle size={21} stroke={1.9} />
        </span>
        <div>
          <h2 tabIndex={-1} data-autofocus>
            {says.low.left(wallet.available_credits)}
          </h2>
          {summary?.runs_out_at && <p>{says.low.runsOut(summary.runs_out_at, wallet.time_zone)}</p>}
        </div>
      </div>
      <div className={s.level}>
        <Meter
          used={Math.max(0, wallet.available_credits)}
          limit={Math.max(1, wallet.low_balance_threshold)}
          tone="warn"
          label={says.low.meter}
          height={8}
        />
        <div>
          <span>{says.low.now(wallet.available_credits)}</span>
          <span>{says.low.level(wallet.low_balance_threshold)}</span>
        </div>
      </div>
      <div className={s.packs} role="radiogroup" aria-label={says.low.pack}>
        {offered.map((pack) => (
          <Choice
            key={pack.id}
            name={name}
            isChosen={pack === chosen}
            choose={() => setPackId(pack.id)}
            className={s.pack}
          >
            <b>{wholeMoney(pack.amount)}</b>
            <span>
              <Coin size={12} />
              {count(pack.total_credits)}
            </span>
            <span className={s.bonus} data-none={!pack.bonus_credits || undefined}>
              {says.low.bonus(pack.bonus_credits)}
            </span>
          </Choice>
        ))}
      </div>
      <p className={s.keep}>
        <IconShieldCheck size={17} stroke={1.9} aria-hidden />
        {says.low.keep}
      </p>
      <Recharging />
      <div className={s.actions}>
        <Button
          size="md"
          disabled={!chosen}
          onClick={() => {
            close()
            if (chosen) void navigate({ to: '/org/billing/add-funds', search: { pack: chosen.id } })
          }}
        >
          {chosen ? says.low.addPack(chosen.amount, chosen.total_payable) : says.low.add}
        </Button>
        <Button size="md" variant="default" onClick={close}>
          {says.low.later}
        </Button>
      </div>
    </div>
  )
}

/** Lets it not happen again, where there is something to pay with. */
function Recharging() {
  const { wallet } = useChosenWallet()
  const ready = useMethods().methods?.filter(({ state }) => state === 'confirmed')
  const save = useSaveRecharge()
  const settings = wallet.auto_recharge
  const method = ready?.find(({ id }) => id === settings.payment_method_id) ?? ready?.[0]
  if (!method) return null
  return (
    <Switch
      mt={14}
      label={says.low.recharge}
      checked={save.isPending ? save.variables.enabled : settings.enabled}
      onChange={({ currentTarget: { checked } }) =>
        save.mutate({ ...settings, enabled: checked, payment_method_id: method.id })
      }
    />
  )
}
