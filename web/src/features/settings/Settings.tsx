import { Page, PageHead } from '@/ui/kit'

export default function Settings() {
  return (
    <Page>
      <PageHead title="Settings" />
    </Page>
  )
}
