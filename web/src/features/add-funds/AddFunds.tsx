import { Page, PageHead } from '@/ui/kit'

export default function AddFunds() {
  return (
    <Page>
      <PageHead title="Add funds" />
    </Page>
  )
}
