import { hashed, isHash } from '../../mapping/hashed.ts'

/** Makes of a value what is sent of it. A value that is a hash already only passes. */
export type Normalise = (text: string) => string

/** Normalised first, then hashed; never a hash hashed again. */
function hashedAs(normal: Normalise): Normalise {
  return (text) => hashed(isHash(text) ? text : normal(text.trim().normalize('NFC').toLowerCase()), 'text')
}

/** As Meta's "Hashing and normalization for customer information" has it, by field of a mapping. */
export const metaFields: Readonly<Record<string, { readonly key: string; readonly as: Normalise }>> = {
  external_id: { key: 'EXTERN_ID', as: (text) => text },
  email: { key: 'EMAIL', as: (text) => hashed(text, 'email') },
  phone: { key: 'PHONE', as: (text) => hashed(text, 'phone') },
  birth_year: { key: 'DOBY', as: hashedAs(digits) },
  birth_month: { key: 'DOBM', as: hashedAs((text) => digits(text).padStart(2, '0')) },
  birth_day: { key: 'DOBD', as: hashedAs((text) => digits(text).padStart(2, '0')) },
  last_name: { key: 'LN', as: hashedAs(letters) },
  first_name: { key: 'FN', as: hashedAs(letters) },
  first_initial: { key: 'FI', as: hashedAs((text) => [...letters(text)][0] ?? '') },
  gender: { key: 'GEN', as: hashedAs((text) => text.slice(0, 1)) },
  city: { key: 'CT', as: hashedAs((text) => letters(text).replaceAll(/\s/g, '')) },
  state: { key: 'ST', as: hashedAs((text) => letters(text).replaceAll(/\s/g, '')) },
  zip: { key: 'ZIP', as: hashedAs((text) => text.replaceAll(/\s/g, '').replace(/^(\d{5})-\d{4}$/, '$1')) },
  country: { key: 'COUNTRY', as: hashedAs((text) => text) },
  mobile_ad_id: { key: 'MADID', as: (text) => text.toLowerCase() },
}

/** As Google's "Customer Match" has it: other than Meta it wants phone numbers with their plus, and Gmail's dots away. */
export const google = {
  email: hashedAs((text) =>
    text
      .replaceAll(/\s/g, '')
      .replace(
        /^(.*)@(gmail|googlemail)\.com$/,
        (_, local: string, host: string) => `${local.replaceAll('.', '')}@${host}.com`,
      ),
  ),
  phone: hashedAs((text) => `+${digits(text)}`),
  name: hashedAs((text) => text),
} as const

function digits(text: string): string {
  return text.replaceAll(/\D/g, '')
}

function letters(text: string): string {
  return text.replaceAll(/\p{P}/gu, '')
}
