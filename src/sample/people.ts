import { type Category, categories } from './catalogue.ts'
import { day, timestampText } from './instants.ts'
import type { Random } from './random.ts'

/** How much of a person the shop gets to know. */
export type Kind = 'visitor' | 'reader' | 'customer' | 'store customer'

export interface Person {
  readonly kind: Kind
  readonly userId: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly phone: string
  readonly city: string
  readonly country: string
  readonly currency: string
  readonly newsletter: boolean
  readonly favourite: Category
  /** First seen, in milliseconds since 1970. */
  readonly firstSeen: number
  /** Typical days between visits. */
  readonly gapDays: number
  /** Chance that a visit is the last one. */
  readonly leaves: number
  /** Chance that a product looked at goes into the cart. */
  readonly temptation: number
  /** The visit, from 0, on which a customer creates an account. */
  readonly registersOnVisit: number
  readonly usesApp: boolean
  readonly usesStore: boolean
}

const firstNames = [
  'Ada',
  'Björn',
  'Carla',
  "D'Arcy",
  'Élodie',
  'Femke',
  'Giulia',
  'Hanna',
  'Ivo',
  'Jürgen',
  'Klara',
  'Lea',
  'Maja',
  'Noah',
  'Oskar',
  'Paula',
  'Quinn',
  'Rosa 🌻',
  'Søren',
  'Théo',
  'Uma',
  'Vera',
  'Wim',
  'Ximena',
  'Yusuf',
  'Zoë',
] as const
const lastNames = [
  'Adams',
  'Bauer',
  'Costa',
  'de Vries',
  'Eriksen',
  'Fischer',
  'García',
  'Huber',
  'Ivanova',
  'Jansen',
  'Kowalski',
  'Lindgren',
  'Müller',
  'Nowak',
  "O'Brien",
  'Petit',
  'Rossi',
  'Smith, Jr.',
  'Tran',
  'Urban',
  'van Dijk',
  'Weiß',
] as const
const cities = [
  ['Hamburg', 'DE', 'EUR'],
  ['Leipzig', 'DE', 'EUR'],
  ['Köln', 'DE', 'EUR'],
  ['Wien', 'AT', 'EUR'],
  ['Utrecht', 'NL', 'EUR'],
  ['Antwerpen', 'BE', 'EUR'],
  ['Lyon', 'FR', 'EUR'],
  ['Milano', 'IT', 'EUR'],
  ['Zürich', 'CH', 'CHF'],
  ['Bristol', 'GB', 'GBP'],
] as const
const mailDomains = ['mail.example', 'post.example', 'inbox.example', 'garten.example'] as const

/** The span of the sample's history before `until`. */
export const historyDays = 182

/** One person; the staff of a business register at once and buy more. */
export function makePerson(random: Random, index: number, until: number, business: boolean): Person {
  const firstName = random.pick(firstNames)
  const lastName = random.pick(lastNames)
  const [city, country, currency] = random.pick(cities)
  const kind = business ? 'customer' : kindOf(random.unit())
  const plain = (name: string): string =>
    name
      .normalize('NFD')
      .toLowerCase()
      .replace(/[^a-z]/g, '')
  const loyal = kind === 'visitor' ? 0.55 : kind === 'reader' ? 0.35 : 0.13
  return {
    kind,
    userId: `cus_${10_000 + index}`,
    email: `${plain(firstName)}.${plain(lastName)}${index.toString(36)}@${random.pick(mailDomains)}`,
    firstName,
    lastName,
    phone: `+49 ${random.integer(151, 179)} ${random.integer(1_000_000, 9_999_999)}`,
    city,
    country,
    currency,
    newsletter: random.chance(0.35),
    favourite: random.pick(categories),
    // The shop grows: the later half of the time brings more newcomers than the earlier one.
    firstSeen: until - historyDays * day * (1 - random.unit() ** 0.75),
    gapDays: random.logNormal(kind === 'customer' ? 11 : 20, 0.8),
    leaves: Math.min(0.9, loyal * random.logNormal(1, 0.6)),
    temptation: Math.min(0.6, random.logNormal(business ? 0.3 : kind === 'visitor' ? 0.05 : 0.22, 0.6)),
    registersOnVisit: business ? 0 : random.geometric(0.45, 4),
    usesApp: kind === 'customer' && random.chance(0.42),
    usesStore: kind === 'store customer' || (kind === 'customer' && random.chance(0.28)),
  }
}

function kindOf(share: number): Kind {
  if (share < 0.46) return 'visitor'
  if (share < 0.53) return 'reader'
  return share < 0.95 ? 'customer' : 'store customer'
}

/** The e-mail as people type it: sometimes capitals, sometimes a space at the end. */
export function typedEmail(random: Random, person: Person): string {
  const luck = random.unit()
  if (luck < 0.07) return person.email.replace(/(^|[.@])([a-z])/g, (part) => part.toUpperCase())
  if (luck < 0.08) return person.email.toUpperCase()
  return luck < 0.09 ? `${person.email} ` : person.email
}

/** The traits sent with an identify call. Some people take their phone number back: a NULL later on. */
export function userTraits(
  random: Random,
  person: Person,
  registered: number,
): Record<string, string | boolean | undefined> {
  return {
    email: typedEmail(random, person),
    first_name: person.firstName,
    last_name: person.lastName,
    phone: random.chance(0.6) ? person.phone : undefined,
    newsletter: person.newsletter,
    address_city: person.city,
    address_country: person.country,
    created_at: timestampText(registered),
  }
}
