//! One spec in process: read, understood, emitted and formatted, on one thread, next to what peers take for one operation.

use std::hint::black_box;

use rekindle::template::Templates;
use rekindle::{Contract, Inputs, Options, Source, Specs, emit, format};
use rekindle_benches::rounds::{self, Contender, Samples};
use rekindle_benches::{Error, clock, goal};

use crate::{Rows, peers, specs};

const ROUNDS: usize = 41;
/// What has a goal of its own.
const PACKAGE: &str = "one spec: a package with client, conformance tests, example and page";
/// How many operations a larger document has.
const OPERATIONS: u32 = 20;

pub fn measure(rows: &mut Rows) -> Result<(), Error> {
    let five = specs::five()?;
    let protos = [peers::Proto::new(1)?, peers::Proto::new(OPERATIONS)?];
    let documents = [peers::open_api(1), peers::open_api(OPERATIONS)];
    // What fails would fail now: figures of failures are none.
    let stages = five.iter().map(Stages::new).collect::<Result<Vec<_>, Error>>()?;
    for (proto, document) in protos.iter().zip(&documents) {
        peers::prost(proto)?;
        peers::progenitor(document)?;
    }
    let ours = |name: &str, work: fn(&Stages) -> Result<usize, Error>| {
        let stages = &stages;
        Contender::new(name, stages.len() as u32, clock::thread, move || {
            stages.iter().for_each(|stages| _ = black_box(work(stages)));
        })
    };
    let progenitor = |name: &str, operations, document| {
        Contender::new(name, operations, clock::thread, move || {
            _ = black_box(peers::progenitor(document))
        })
    };
    let prost = |name: &str, rpcs, proto| {
        Contender::new(name, rpcs, clock::thread, move || _ = black_box(peers::prost(proto)))
    };
    let samples = rounds::run(
        &mut [
            ours("one spec: client", Stages::client),
            progenitor("progenitor: each of 20 operations", OPERATIONS, &documents[1]),
            ours("- reading and understanding it", Stages::read),
            ours("- emitting the client", Stages::emit),
            ours("- formatting the client", Stages::format),
            ours(PACKAGE, Stages::package),
            progenitor("progenitor: one operation alone", 1, &documents[0]),
            prost("prost-build + tonic: each of 20 rpcs", OPERATIONS, &protos[1]),
            prost("prost-build + tonic: one rpc alone", 1, &protos[0]),
        ],
        ROUNDS,
    );
    tell(rows, &samples);
    Ok(())
}

fn tell(rows: &mut Rows, samples: &[Samples]) {
    let [client, operation, ..] = samples else {
        return;
    };
    for samples in samples {
        let ms = samples.seconds() * 1e3;
        let judged = if std::ptr::eq(samples, client) {
            let limit = goal::at_most(ms, 2.0, " ms");
            goal::both(limit, goal::below(ms, operation.seconds() * 1e3, "progenitor's operation"))
        } else if samples.name == PACKAGE {
            goal::at_most(ms, 4.0, " ms")
        } else {
            goal::none()
        };
        let ratio = samples.ratio(operation);
        rows.add(
            samples.name.clone(),
            format!("{ms:.2} ms"),
            format!("{ratio:.2} × progenitor"),
            judged,
        );
    }
}

/// One spec on its way: each stage with what the stage before it made.
struct Stages {
    source: Source,
    contract: Contract,
    client: String,
}

impl Stages {
    fn new(source: &Source) -> Result<Self, Error> {
        let contract = understand(source)?;
        let client = emit::client(&contract, Templates::embedded(), None)?;
        let stages = Self { source: source.clone(), contract, client };
        stages.package()?;
        Ok(stages)
    }

    fn read(&self) -> Result<usize, Error> {
        Ok(understand(&self.source)?.errors.len())
    }

    fn emit(&self) -> Result<usize, Error> {
        Ok(emit::client(&self.contract, Templates::embedded(), None)?.len())
    }

    fn format(&self) -> Result<usize, Error> {
        Ok(format::format(&self.client)?.len())
    }

    /// The whole way of a client.
    fn client(&self) -> Result<usize, Error> {
        let contract = understand(&self.source)?;
        Ok(format::format(&emit::client(&contract, Templates::embedded(), None)?)?.len())
    }

    /// The whole way of a package.
    fn package(&self) -> Result<usize, Error> {
        let contracts = [understand(&self.source)?];
        Ok(rekindle::plan(&contracts, &Inputs::default(), &Options::default())?.len())
    }
}

fn understand(source: &Source) -> Result<Contract, Error> {
    let contract = Specs::check(vec![source.clone()])?.contracts.pop();
    contract.ok_or_else(|| format!("{} holds no contract", source.name).into())
}
