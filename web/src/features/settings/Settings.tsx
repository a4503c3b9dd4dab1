import { Page, PageHead } from '@/ui/kit'
import { useMay } from '@/session/session'
import { Appearance } from './Appearance'
import { says } from './messages'
import { Password } from './Password'
import { Profile } from './Profile'
import { Sessions } from './Sessions'
import s from './settings.module.css'
import { WalletSettings } from './WalletSettings'

/** How it looks, who one is, where one is signed in, and how the wallet is set. */
export default function Settings() {
  const mayChangeWallet = useMay('wallets:write')
  return (
    <Page>
      <PageHead title={says.title} sub={says.sub} />
      <div className={s.columns}>
        <div className={s.column}>
          <Appearance />
          <Profile />
          <Password />
        </div>
        <div className={s.column}>
          {mayChangeWallet && <WalletSettings />}
          <Sessions />
        </div>
      </div>
    </Page>
  )
}
