import { Button, SegmentedControl } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem } from '@/api/problem'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, kit, Notice, toast } from '@/ui/kit'
import { ACTIONS, PROTECTED } from './names'

/** What is done when credits run off too fast, and the way back. */
export function Protection() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const may = useMay('wallets:write')
  const client = useQueryClient()
  const path = { wallet_id: wallet.id }
  const onSettled = () => client.invalidateQueries({ queryKey: ['get', '/v1/wallets/{wallet_id}'] })
  const change = useMutation({
    mutationFn: (rapid_burn_action: typeof wallet.rapid_burn_action) =>
      khata.api.PATCH('/v1/wallets/{wallet_id}', { params: { path }, body: { rapid_burn_action } }),
    onSettled,
  })
  const release = useMutation({
    mutationFn: () =>
      khata.api.POST('/v1/wallets/{wallet_id}/protection/release', { params: { path } }),
    onSuccess: () => toast('Wallet released', 'Credits may be used again.'),
    onSettled,
  })
  const problem = [change.error, release.error].find((each) => each instanceof Problem)
  return (
    <>
      {wallet.protection && (
        <Notice
          tone="warn"
          title={PROTECTED[wallet.protection].title}
          actions={
            may && (
              <Button size="xs" loading={release.isPending} onClick={() => release.mutate()}>
                Release wallet
              </Button>
            )
          }
        >
          <p>{PROTECTED[wallet.protection].says}</p>
        </Notice>
      )}
      <Card title="When credits run off too fast">
        <SegmentedControl
          fullWidth
          aria-label="When credits run off too fast"
          value={change.isPending ? change.variables : wallet.rapid_burn_action}
          disabled={!may}
          onChange={(chosen) => change.mutate(chosen)}
          data={ACTIONS.map(({ id, label }) => ({ value: id, label }))}
        />
        <p className={kit.said}>
          {ACTIONS.find(({ id }) => id === wallet.rapid_burn_action)?.says}
        </p>
        {problem instanceof Problem && (
          <Notice tone="bad" title="Nothing was changed.">
            <p>{problem.detail}</p>
          </Notice>
        )}
      </Card>
    </>
  )
}
