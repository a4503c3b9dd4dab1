import { getRouteApi } from '@tanstack/react-router'
import { useMay } from '@/session/session'
import { Empty, Page, PageHead } from '@/ui/kit'
import { Checkout } from './Checkout'
import { says } from './messages'
import { Finished } from './outcomes/Finished'
import { useCheckout } from './useCheckout'

const route = getRouteApi('/org/billing/add-funds')

/** What do I get, what does it cost, can I trust it? */
export default function AddFunds() {
  const { pack, order } = route.useSearch()
  const navigate = route.useNavigate()
  const mayPay = useMay('payments:write')
  // The order is in the address: a reload, or a way back from the gateway, finds it again.
  const checkout = useCheckout(pack, {
    orderId: order,
    follow: (made) =>
      navigate({
        search: ({ order: _, ...kept }) => (made ? { ...kept, order: made } : kept),
        replace: true,
      }),
  })
  if (!mayPay) {
    return (
      <Page>
        <PageHead title={says.title} />
        <Empty title={says.mayNot.title} action={null}>
          {says.mayNot.text}
        </Empty>
      </Page>
    )
  }
  if (checkout.phase === 'done' && checkout.order) {
    return (
      <Page>
        <Finished order={checkout.order} again={() => checkout.startOver()} />
      </Page>
    )
  }
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub} />
      <Checkout checkout={checkout} />
    </Page>
  )
}
