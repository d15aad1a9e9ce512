/** Floats as Go's strconv.FormatFloat prints them. */

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X';

const MANTISSA_BITS = 52;
const EXPONENT_BIAS = 1023;

/** Decimal digits without zeros at their end, and where the point stands: 0.`digits` × 10^`point`. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** A finite float's mantissa and exponent: mantissa × 2^exponent, without its sign. */
function parts(value: number): { mantissa: bigint; exponent: number } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const biased = Number(raw >> BigInt(MANTISSA_BITS));
  const fraction = raw & ((1n << BigInt(MANTISSA_BITS)) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << BigInt(MANTISSA_BITS));
  return { mantissa, exponent: Math.max(biased, 1) - EXPONENT_BIAS - MANTISSA_BITS };
}

/** All the digits that a float really has. */
function exactDecimal(value: number): Decimal {
  const { mantissa, exponent } = parts(value);
  const scaled = exponent < 0 ? mantissa * 5n ** BigInt(-exponent) : mantissa << BigInt(exponent);
  const text = String(scaled);
  return trimmed(text, text.length + Math.min(exponent, 0));
}

/** The fewest digits that read back as the same float. */
function shortestDecimal(value: number): Decimal {
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential().split('e');
  return trimmed(mantissa.replace('.', ''), Number(exponent) + 1);
}

function trimmed(text: string, point: number): Decimal {
  const digits = text.replace(/0+$/, '');
  return digits === '' ? { digits: '', point: 0 } : { digits, point };
}

/** Keeps `count` digits; a tie goes to the even digit. */
function round({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const rest = digits.slice(count);
  const kept = digits.slice(0, count);
  const isOdd = /[13579]$/.test(kept);
  const up = rest.startsWith('5') && rest.length === 1 ? isOdd : rest >= '5';
  if (!up) return trimmed(kept, point);
  const raised = String(BigInt(`0${kept}`) + 1n).padStart(count, '0');
  return trimmed(raised, point + raised.length - count);
}

/** @param precision digits as the verb counts them; -1 for the fewest that are exact */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return sign === '' ? '+Inf' : '-Inf';
  if (verb === 'b') {
    const { mantissa, exponent } = parts(value);
    return `${sign}${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
  }
  if (verb === 'x' || verb === 'X') {
    const text = `${sign}${formatHex(value, precision)}`;
    return verb === 'X' ? text.toUpperCase() : text;
  }
  return sign + formatDecimal(value, verb, precision);
}

function formatDecimal(value: number, verb: 'e' | 'E' | 'f' | 'g' | 'G', precision: number): string {
  const shortest = precision < 0;
  const whole = shortest ? shortestDecimal(value) : exactDecimal(value);
  switch (verb) {
    case 'e':
    case 'E': {
      const decimal = shortest ? whole : round(whole, precision + 1);
      return exponential(decimal, verb, shortest ? Math.max(decimal.digits.length - 1, 0) : precision);
    }
    case 'f': {
      const decimal = shortest ? whole : round(whole, whole.point + precision);
      return fixed(decimal, shortest ? Math.max(decimal.digits.length - decimal.point, 0) : precision);
    }
    case 'g':
    case 'G': {
      const count = Math.max(precision, 1);
      const decimal = shortest ? whole : round(whole, count);
      const { digits, point } = decimal;
      const significant = shortest
        ? 6
        : count > digits.length && digits.length >= point
          ? digits.length
          : count;
      const exponent = point - 1;
      if (exponent < -4 || exponent >= significant)
        return exponential(decimal, verb === 'g' ? 'e' : 'E', Math.max(digits.length - 1, 0));
      return fixed(decimal, Math.max(digits.length - point, 0));
    }
  }
}

function exponential({ digits, point }: Decimal, mark: string, places: number): string {
  const padded = digits.padEnd(places + 1, '0');
  const exponent = digits === '' ? 0 : point - 1;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${padded.charAt(0)}${places > 0 ? `.${padded.slice(1)}` : ''}${mark}${exponent < 0 ? '-' : '+'}${power}`;
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places <= 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function formatHex(value: number, precision: number): string {
  const { mantissa, exponent } = parts(value);
  if (mantissa === 0n) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  // One digit before the point, and room for as many behind it as were asked for.
  const lead = mantissa.toString(2).length - 1;
  const places = precision < 0 ? 13 : precision;
  const drop = lead - 4 * places;
  let digits = drop <= 0 ? mantissa << BigInt(-drop) : mantissa >> BigInt(drop);
  if (drop > 0) {
    const rest = mantissa & ((1n << BigInt(drop)) - 1n);
    const half = 1n << BigInt(drop - 1);
    if (rest > half || (rest === half && (digits & 1n) === 1n)) digits += 1n;
  }
  const carried = digits >> BigInt(4 * places) > 1n;
  const power = exponent + lead + (carried ? 1 : 0);
  const text = carried ? `1${'0'.repeat(places)}` : digits.toString(16);
  const fraction = precision < 0 ? text.slice(1).replace(/0+$/, '') : text.slice(1);
  const shownPower = `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return `0x${text.charAt(0)}${fraction === '' ? '' : `.${fraction}`}p${shownPower}`;
}
