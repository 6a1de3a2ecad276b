//! `rekindle test`

mod ask;
mod carrier;
mod control;
mod credentials;
mod keep;
mod masked;
mod pace;
mod place;
mod progress;
mod real_provider;
mod report;
mod resource;
mod secrets;
mod show;
mod signals;

use super::args::{Amount, ReportFormat, Test};
use super::check::load;
use super::console;
use super::made_up;
use super::project::Project;
use super::{Outcome, Stop};
use crate::input::Specs;
use carrier::Carrier;
use control::Remote;
use credentials::Credentials;
use keep::Keeper;
use pace::Pace;
use place::Place;
use progress::Progress;
use real_provider::RealProvider;
use rekindle_contract::contract::{Contract, ErrorClass, Fate, Outcome as Class};
use rekindle_contract::nearest;
use rekindle_runtime::http::{Request, Response, Uri};
use rekindle_testkit::Lost;
use rekindle_testkit::check::{
    Bench, Check, Doubt, Grants, MayBeSentAgain, Run, ShownToken, Verdict, checks, checks_at,
    is_refused_with_tokens,
};
use rekindle_testkit::reference::Reference;
use rekindle_testkit::sequence::World;
use report::{Finding, Report, Tested};
use secrets::Secrets;
use signals::Signals;
use std::cell::Cell;
use std::io;

pub(super) fn run(arguments: &Test, amount: Amount) -> Result<Outcome, Stop> {
    let mut specs = Specs::check(load(&Project::find_specs(&arguments.specs)?)?)?;
    if let Some(id) = &arguments.provider {
        only(id, &mut specs.contracts)?;
    }
    console::diagnostics(&specs.lints, &specs.sources);
    let mintings: Vec<Contract> = specs.contracts.iter().filter_map(Contract::minting).collect();
    let resource = resource::find(arguments, &specs.contracts)?;
    let plans = plans(arguments, &specs.contracts, &mintings, resource.as_ref())?;
    let carrier = Carrier::new();
    let place = Place::find(arguments, &specs.contracts, &carrier)?;
    let file = credentials::file(arguments);
    let told = credentials::told_base_urls(&file, &specs.contracts, &place);
    let place = place.with_told(told);
    let tested = plans.iter().map(|plan| plan.contract);
    let made_up = made_up::note(tested, "whatever is refused passes");
    let elsewhere = credentials::elsewhere(&file, &specs.contracts, &place);
    let kept_earlier = credentials::kept_earlier(arguments, &specs.contracts, &place);
    made_up.iter().chain(&elsewhere).chain(&kept_earlier).for_each(|note| console::line(note));
    if arguments.dry_run {
        ask::tell(&plans, &place, arguments)?;
        return Ok(Outcome::Done);
    }
    ask::note(&place, arguments);
    // Before they are read: another run may be about to replace them.
    let keeper = Keeper::new(arguments, &plans, &place)?;
    let credentials = Credentials::read(arguments, &specs.contracts, &place)?;
    ask::consent(&plans, &place, arguments)?;
    let signals = match &place.control {
        // There is nothing to lose.
        Some(_) => Signals::default(),
        None => Signals::listen()
            .map_err(|error| Stop::Usage(format!("cannot listen to signals: {error}"), None))?,
    };
    let pace = Pace::new(arguments.pause, &signals);
    let mut report = Report::new(place.control.is_some());
    let secrets = Secrets::default();
    for plan in &plans {
        let tester = Tester {
            arguments,
            amount,
            place: &place,
            carrier: &carrier,
            credentials: &credentials,
            secrets: &secrets,
            signals: &signals,
            pace: &pace,
        };
        let tested = tester.test(plan, &keeper);
        let stopped = tested.stopped.clone();
        report.providers.push(tested);
        if let Some(why) = stopped {
            console::error(&secrets.mask(&why));
            break;
        }
    }
    let text = match arguments.format {
        ReportFormat::Human => report.human(amount),
        ReportFormat::Json => report.json(),
        ReportFormat::Junit => report.junit()?,
    };
    match console::data(&secrets.mask(&text)) {
        // Whoever reads no further still wants to know how it ended.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    match signals.noted() {
        Some(code) => Err(Stop::Ended(code)),
        None => report.outcome(),
    }
}

/// Leaves the contract of one provider.
fn only(id: &str, contracts: &mut Vec<Contract>) -> Result<(), Stop> {
    let ids = || contracts.iter().map(|contract| contract.provider.id.as_str());
    if !ids().any(|known| known == id) {
        let hint = match nearest(id, ids()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("there are: {}", ids().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("--provider: no spec describes `{}`", id.escape_debug());
        return Err(Stop::Usage(message, Some(hint)));
    }
    contracts.retain(|contract| contract.provider.id == id);
    Ok(())
}

/// Whether an answer says that there are too many requests, and that this one has cost nothing. One that holds tokens all the same has cost
/// those that were sent.
fn limits(contract: &Contract, answer: &Response<Vec<u8>>) -> bool {
    if is_refused_with_tokens(contract, answer) {
        return false;
    }
    match contract.classify(answer.status().as_u16(), answer.body()) {
        Class::Refused(rule) => {
            rule.class == ErrorClass::RateLimited && contract.fate_by(rule) == Fate::Unspent
        }
        Class::Success => false,
    }
}

/// A contract, and the checks that were asked for.
struct Plan<'a> {
    contract: &'a Contract,
    checks: Vec<Check>,
}

/// What is checked of each contract, and of what brings tokens where a refresh cannot.
fn plans<'a>(
    arguments: &Test,
    contracts: &'a [Contract],
    mintings: &'a [Contract],
    resource: Option<&Uri>,
) -> Result<Vec<Plan<'a>>, Stop> {
    let refreshes = contracts.iter().map(|contract| {
        let checks = resource.map_or_else(|| checks(contract), |url| checks_at(contract, url));
        Plan { contract, checks }
    });
    let mints = mintings.iter().map(|contract| {
        let mut checks = checks(contract);
        checks.iter_mut().for_each(|check| check.id.insert_str(0, "mint-"));
        Plan { contract, checks }
    });
    let all: Vec<Plan<'_>> = refreshes.chain(mints).collect();
    let ids = || {
        let checks = all.iter().flat_map(|plan| &plan.checks);
        checks.map(|check| check.id.as_str())
    };
    for id in &arguments.only {
        if ids().any(|known| known == id) {
            continue;
        }
        let or = "`--dry-run` lists the checks";
        let hint = match nearest(id, ids()) {
            Some(close) => format!("did you mean `{close}`? {or}"),
            None => or.to_owned(),
        };
        let message = format!("there is no check `{}`", id.escape_debug());
        return Err(Stop::Usage(message, Some(hint)));
    }
    let wanted = |check: &Check| arguments.only.is_empty() || arguments.only.contains(&check.id);
    Ok(all
        .into_iter()
        .map(|mut plan| {
            plan.checks.retain(wanted);
            plan
        })
        .collect())
}

/// All that it takes to test one provider.
struct Tester<'a> {
    arguments: &'a Test,
    amount: Amount,
    place: &'a Place,
    carrier: &'a Carrier,
    credentials: &'a Credentials,
    secrets: &'a Secrets,
    signals: &'a Signals,
    pace: &'a Pace<'a>,
}

impl Tester<'_> {
    fn test(&self, plan: &Plan<'_>, keeper: &Keeper) -> Tested {
        let id = &plan.contract.provider.id;
        let base_url = self.place.base_url(id);
        let mut client = Reference::new(plan.contract.clone()).at(&base_url);
        for (name, value) in self.client(id) {
            let secret = plan.contract.client.get(&name).is_none_or(|known| known.secret);
            if secret {
                self.secrets.learn(&value);
            }
            client = client.with_client(name, value);
        }
        let sign_in = self.arguments.sign_in.clone();
        let provider =
            RealProvider::new(plan.contract, self.credentials.held(plan.contract), sign_in);
        provider.learn(self.secrets);
        let mut remote = self.place.control.as_ref().map(|control| {
            Remote::new(control, self.carrier, plan.contract, &base_url, self.secrets)
        });
        let mut real = provider.clone();
        let is_fake = remote.is_some();
        let world: &mut dyn World = match &mut remote {
            Some(remote) => remote,
            None => &mut real,
        };
        let mints = plan.contract.request.operation.mints();
        let mut keep = |held: &_| {
            self.secrets.learn_held(held);
            if is_fake {
                return Ok(());
            }
            provider.hold(held);
            // What was minted is minted again: nothing is lost with it.
            if mints { Ok(()) } else { keeper.keep(id, held) }
        };
        let mut keep_doubt = |doubt: Doubt<'_>| keeper.keep_doubt(id, doubt);
        let denied = Cell::new(false);
        let reached = Cell::new(None);
        let mut carry = |request: Request<Vec<u8>>| {
            // A mangled one tells what it was made of.
            if let Some(ShownToken(token)) = request.extensions().get() {
                self.secrets.learn(token);
            }
            if !is_fake {
                self.pace.keep();
            }
            if self.signals.noted().is_some() {
                denied.set(true);
                return Err(Lost::NotSent);
            }
            let again = request.extensions().get().map(|MayBeSentAgain| request.clone());
            let answer = self.exchange(request, plan.contract);
            let was_sent = answer.as_ref().err().is_none_or(Lost::was_sent);
            reached.set(Some(was_sent || reached.get() == Some(true)));
            match (&answer, again) {
                (Ok(busy), Some(again))
                    if !is_fake && limits(plan.contract, busy) && self.pace.waits_for(busy) =>
                {
                    self.exchange(again, plan.contract)
                }
                _ => answer,
            }
        };
        let mut run = Run::new(Bench {
            client: &client,
            world,
            carry: &mut carry,
            keep: &mut keep,
            keep_doubt: &mut keep_doubt,
            grants: match (is_fake, self.arguments.spends_grants()) {
                (true, _) => Grants::Many,
                (false, true) => Grants::Expendable,
                (false, false) => Grants::One,
            },
        });
        let mut findings = Vec::new();
        let mut progress = Progress::new(id, plan.checks.len(), self.amount);
        for check in &plan.checks {
            progress.begins(&check.id);
            let mut verdict = run.check(check);
            if denied.get() {
                verdict =
                    Verdict::CouldNotTell("a signal came, and nothing more is sent".to_owned());
            }
            let finding = Finding::new(check, verdict);
            progress.ended(&finding, self.secrets);
            findings.push(finding);
            if self.signals.noted().is_some() {
                break;
            }
        }
        if let Some((check, verdict)) = run.untold() {
            findings.push(Finding::new(&check, verdict));
        }
        progress.clear();
        let stopped = run.stopped().map(str::to_owned);
        Tested {
            id: id.clone(),
            name: plan.contract.provider.name.clone(),
            base_url: base_url.clone(),
            told_base_url: self.place.told(id).map(str::to_owned),
            findings,
            stopped: stopped.or_else(|| self.interrupted()),
            reached: reached.get(),
        }
    }

    /// Carries one request, and shows it and its answer where that is wanted.
    fn exchange(
        &self,
        request: Request<Vec<u8>>,
        contract: &Contract,
    ) -> Result<Response<Vec<u8>>, Lost> {
        if self.arguments.show {
            show::request(&request, self.secrets);
        }
        let answer = self.carrier.carry(request);
        if let Ok(answer) = &answer {
            self.secrets.learn_answer(contract, answer);
        }
        if self.arguments.show {
            show::answer(&answer, self.secrets);
        }
        answer
    }

    /// Why nothing more is done, where a signal came.
    fn interrupted(&self) -> Option<String> {
        self.signals
            .noted()
            .map(|_| "stopped by a signal: what came was kept, and nothing more is sent".to_owned())
    }

    /// The values of the client: as a fake provider has registered them, else as given.
    fn client(&self, id: &str) -> Vec<(String, String)> {
        let registered = self.place.control.as_ref().and_then(|control| control.client(id));
        registered.unwrap_or_else(|| self.credentials.client(id))
    }
}
