import { Button, SegmentedControl } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem } from '@/api/problem'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, kit, Notice, toast } from '@/ui/kit'
import { says } from './messages'

const ACTIONS = ['alert', 'throttle', 'freeze'] as const

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
    onSuccess: () => toast(says.protection.released, says.protection.releasedDetail),
    onSettled,
  })
  const problem = [change.error, release.error].find((each) => each instanceof Problem)
  return (
    <>
      {wallet.protection && (
        <Notice
          tone="warn"
          title={says.protected[wallet.protection].title}
          actions={
            may && (
              <Button size="xs" loading={release.isPending} onClick={() => release.mutate()}>
                {says.protection.release}
              </Button>
            )
          }
        >
          <p>{says.protected[wallet.protection].text}</p>
        </Notice>
      )}
      <Card title={says.protection.title}>
        <SegmentedControl
          fullWidth
          aria-label={says.protection.title}
          value={change.isPending ? change.variables : wallet.rapid_burn_action}
          disabled={!may}
          onChange={(chosen) => change.mutate(chosen)}
          data={ACTIONS.map((value) => ({ value, label: says.actions[value].label }))}
        />
        <p className={kit.said}>{says.actions[wallet.rapid_burn_action].text}</p>
        {problem instanceof Problem && (
          <Notice tone="bad" title={says.protection.failed}>
            <p>{problem.detail}</p>
          </Notice>
        )}
      </Card>
    </>
  )
}
