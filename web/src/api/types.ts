import type { components } from './schema'

type Schemas = components['schemas']

// What the server always says, though a request may leave it out.
type Whole<T> = T extends object ? Required<T> : T

export type Wallet = Omit<Schemas['Wallet'], 'auto_recharge'> & { auto_recharge: AutoRecharge }
export type Transaction = Schemas['Transaction']
export type TransactionType = Transaction['type']
export type Order = Schemas['Order']
export type Pack = Schemas['Pack']
export type Quote = Schemas['Quote']
export type Alert = Schemas['Alert']
export type AlertType = Alert['type']
export type Gate = Schemas['Gate']
export type Receipt = Schemas['Receipt']
export type Invoice = Schemas['Invoice']
export type AutoRecharge = Whole<Schemas['AutoRecharge']>
export type PaymentMethod = Schemas['PaymentMethod']
export type PayoutAccount = Schemas['PayoutAccount']
export type PriceList = Schemas['PriceList']
export type Feature = PriceList['features'][number]
export type Balances = Schemas['WalletBalances']
export type Member = Schemas['Member']
