import { Page, PageHead } from '@/ui/kit'

export default function Usage() {
  return (
    <Page>
      <PageHead title="Usage" />
    </Page>
  )
}
