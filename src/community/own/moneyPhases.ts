import { fundingCalls, mintCall, readBalance, readMarginsPut } from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { meterIdOf, readArea, readMeter } from "#domains/metering/areaRegistry.ts";
import { createMarketView } from "#domains/pool/marketView.ts";
import { acceptSupplyCall, announceTerms, readIsSupplied } from "#domains/pool/poolMarket.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { moneyWords } from "#kernel/units/moneyWords.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { keyNames } from "../keyNames.ts";
import { HERE, termsOfFile } from "./communityFile.ts";
import {
  areaOf,
  deploymentOf,
  type Founding,
  type Look,
  NOTHING_MISSING,
  type Phase,
  type Step,
  senderOf,
} from "./foundingContext.ts";
import { ADMINISTRATOR } from "./ownKeys.ts";

const MARKET = "poolMarket";

/** The rules of the market: the first at once, others with the contract's notice, one after the other. */
export const termsPhase: Phase = async (founding) => {
  const terms = termsOfFile(founding.own.file);
  if (founding.areaId === null)
    return announcing(founding, terms, "announce the rules of the market, in force at once");
  const { network, areaId } = founding;
  const market = createMarketView(network, deploymentOf(founding), areaId);
  const { version, nextVersion, nextFrom } = await market.schedule();
  if (version === 0) return announcing(founding, terms, "announce the rules of the market, in force at once");
  const newest = nextVersion === 0 ? version : nextVersion;
  if (isSame(await market.termsOf(newest), terms)) return NOTHING_MISSING;
  const fromSecond = startsAt(nextFrom, terms.intervalSeconds);
  const { timestamp } = await network.client.getBlock();
  if (nextVersion !== 0 && Number(timestamp) < fromSecond)
    return {
      steps: [],
      notes: [
        `market: rules that were announced before wait until ${dateOf(founding, fromSecond)}; only then can others be announced`,
      ],
    };
  return announcing(founding, terms, "announce changed rules of the market, in force after seven days");
};

function announcing(founding: Founding, terms: AreaTerms, sentence: string): Look {
  const run = async () => {
    const operator = senderOf(founding, keyNames.operator);
    await announceTerms(operator, deploymentOf(founding), { areaId: areaOf(founding), terms });
  };
  return { steps: [{ sentence, run }], notes: [] };
}

function isSame(one: AreaTerms, other: AreaTerms): boolean {
  return (Object.keys(one) as (keyof AreaTerms)[]).every((name) => one[name] === other[name]);
}

/** That the supplier stands for clearings by these rules. */
export const supplyPhase: Phase = async (founding) => {
  const { own, network, keys } = founding;
  const operator = keys.addressOf(keyNames.operator);
  const isOurs = own.file.parties.supplier === HERE;
  const sentence = "let the supplier stand for clearings by these rules";
  if (founding.areaId === null)
    return { steps: isOurs ? [{ sentence, run: () => accept(founding) }] : [], notes: [] };
  const deployment = deploymentOf(founding);
  const { areaId } = founding;
  const { version, nextVersion } = await createMarketView(network, deployment, areaId).schedule();
  const newest = nextVersion === 0 ? version : nextVersion;
  if (newest === 0) return { steps: isOurs ? [{ sentence, run: () => accept(founding) }] : [], notes: [] };
  if (await readIsSupplied(network, deployment, { areaId, version: newest, operator }))
    return NOTHING_MISSING;
  if (isOurs) return { steps: [{ sentence, run: () => accept(founding) }], notes: [] };
  return {
    steps: [],
    notes: [`supplier: ${own.file.parties.supplier} has not accepted version ${newest} of the rules yet`],
  };
};

async function accept(founding: Founding): Promise<void> {
  const { network, keys } = founding;
  const [deployment, areaId] = [deploymentOf(founding), areaOf(founding)];
  const market = createMarketView(network, deployment, areaId);
  const { version, nextVersion } = await market.schedule();
  const newest = nextVersion === 0 ? version : nextVersion;
  const terms = await market.termsOf(newest);
  const operator = keys.addressOf(keyNames.operator);
  const call = acceptSupplyCall(deployment, { areaId, version: newest, terms, operator });
  await senderOf(founding, keyNames.supplier).send(call);
}

/** A margin of the file: of an account whose key is here. `member` is null as long as it has no number. */
type Margin = {
  readonly of: string;
  readonly key: string;
  readonly amountMicro: bigint;
  readonly member: number | null;
};

/** The margins, from test currency that the administrator makes, or from what the owners hold. */
export const marginsPhase: Phase = async (founding) => {
  const wanted = (await marginsOf(founding)).filter(({ amountMicro }) => amountMicro > 0n);
  const put =
    founding.deployment === null
      ? new Map<number, bigint>()
      : await readMarginsPut(founding.network, founding.deployment, MARKET);
  const missing = wanted.flatMap((margin) => {
    const { areaId } = founding;
    const there =
      areaId === null || margin.member === null
        ? 0n
        : (put.get(seatOf({ areaId, member: margin.member })) ?? 0n);
    return there >= margin.amountMicro ? [] : [{ ...margin, amountMicro: margin.amountMicro - there }];
  });
  if (missing.length === 0) return NOTHING_MISSING;
  return { steps: missing.map((margin) => marginStep(founding, margin)), notes: [] };
};

async function marginsOf(founding: Founding): Promise<readonly Margin[]> {
  const { own, network, areaId } = founding;
  const { margins, parties } = own.file;
  const area = areaId === null ? null : await readArea(network, deploymentOf(founding), areaId);
  const supplier = {
    of: "the supplier",
    key: keyNames.supplier,
    amountMicro: BigInt(margins.supplier),
    member: area?.supplier ?? null,
  };
  const kept = own.members.filter(({ owner }) => owner === HERE);
  const members = await readEach(kept, async ({ id, meteringPoint }) => ({
    of: id,
    key: keyNames.home(id),
    amountMicro: BigInt(margins.member),
    member:
      areaId === null
        ? null
        : ((await readMeter(network, deploymentOf(founding), meterIdOf(meteringPoint)))?.member ?? null),
  }));
  return [...(parties.supplier === HERE ? [supplier] : []), ...members];
}

function marginStep(founding: Founding, { of, key, amountMicro, member }: Margin): Step {
  const words = moneyWords(founding.own.file.currency);
  const { token, contracts } = founding.own.file.network;
  const isTest = token === "test" && contracts === "new";
  const source = isTest
    ? "in test currency, which is made for it"
    : `from the tokens of ${founding.keys.addressOf(key)}`;
  return {
    sentence: `put down ${words.money(amountMicro)} as margin of ${of}, ${source}`,
    run: async () => {
      const deployment = deploymentOf(founding);
      const owner = senderOf(founding, key);
      const held = await readBalance(founding.network, deployment, owner.address);
      if (held < amountMicro && !isTest)
        throw new TokensMissingError(of, owner.address, words.money(amountMicro - held));
      if (held < amountMicro)
        await senderOf(founding, ADMINISTRATOR).send(mintCall(deployment, owner.address, amountMicro - held));
      const seat = {
        market: MARKET,
        areaId: areaOf(founding),
        member: present(member, `the number of ${of}`),
      };
      await owner.sendAll(fundingCalls(deployment, { ...seat, amountMicro }));
    },
  };
}

const WEI_PER_ETHER = 1e18;

/** Ether for the keys here that send transactions, where gas has a price: from the administrator's. */
export const etherPhase: Phase = async (founding) => {
  const { network, own, keys } = founding;
  const gasPrice = network.gasPrice ?? (await network.client.getGasPrice());
  if (gasPrice === 0n) return NOTHING_MISSING;
  const each = BigInt(Math.round(own.file.network.etherPerKey * WEI_PER_ETHER));
  const administrator = keys.addressOf(ADMINISTRATOR);
  const balances = await readEach(sendingKeys(founding), async (name) => ({
    name,
    wei: await network.client.getBalance({ address: keys.addressOf(name) }),
  }));
  const poor = balances.filter(({ wei }) => wei < each / 2n);
  const needed = BigInt(poor.length) * each;
  const there = await network.client.getBalance({ address: administrator });
  const isEnough = there > needed && (founding.deployment !== null || there > needed + each);
  if (poor.length > 0 && !isEnough) throw new EtherMissingError(administrator, there, needed + each);
  return {
    steps: poor.map(({ name }) => ({
      sentence: `give ${own.file.network.etherPerKey} ether to the key of ${name}, for its transactions`,
      run: async () => {
        const call = {
          label: "transfer of ether",
          to: keys.addressOf(name),
          data: "0x",
          value: each,
        } as const;
        await senderOf(founding, ADMINISTRATOR).send(call);
      },
    })),
    notes: [],
  };
};

function sendingKeys({ own }: Founding): readonly string[] {
  const supplier = own.file.parties.supplier === HERE ? [keyNames.supplier] : [];
  const members = own.members.filter(({ owner }) => owner === HERE).map(({ id }) => keyNames.home(id));
  return [keyNames.operator, keyNames.meterGateway, keyNames.registrar, ...supplier, ...members];
}

function dateOf({ own }: Founding, unixSeconds: number): string {
  const { timeZone } = own.file;
  const words = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
  return words.format(new Date(unixSeconds * 1_000));
}

export class EtherMissingError extends DomainError {
  readonly code = "etherMissing";

  constructor(address: string, wei: bigint, needed: bigint) {
    super(
      `the administrator's key ${address} has ${Number(wei) / WEI_PER_ETHER} ether; send it ${Number(needed) / WEI_PER_ETHER} or more, for the gas of the founding`,
    );
  }
}

export class TokensMissingError extends DomainError {
  readonly code = "tokensMissing";

  constructor(of: string, address: string, amount: string) {
    super(`${of} lacks ${amount} of the settlement token at ${address}; send it there and found again`);
  }
}
