//! The scripts: each operation on a grant is one, and runs whole or not at all.

use redis::Script;

pub(super) struct Scripts {
    pub read: Script,
    pub put: Script,
    pub create: Script,
    pub remove: Script,
    pub acquire: Script,
    pub renew: Script,
    pub release: Script,
    pub begin: Script,
    pub commit: Script,
    pub abandon: Script,
    pub acquire_due: Script,
    pub postpone: Script,
    pub list: Script,
    pub reseal: Script,
    pub reserve: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            read: script(include_str!("scripts/read.lua")),
            put: script(include_str!("scripts/put.lua")),
            create: script(include_str!("scripts/create.lua")),
            remove: script(include_str!("scripts/remove.lua")),
            acquire: script(include_str!("scripts/acquire.lua")),
            renew: script(include_str!("scripts/renew.lua")),
            release: script(include_str!("scripts/release.lua")),
            begin: script(include_str!("scripts/begin.lua")),
            commit: script(include_str!("scripts/commit.lua")),
            abandon: script(include_str!("scripts/abandon.lua")),
            acquire_due: script(include_str!("scripts/acquire_due.lua")),
            postpone: script(include_str!("scripts/postpone.lua")),
            list: script(include_str!("scripts/list.lua")),
            reseal: script(include_str!("scripts/reseal.lua")),
            reserve: script(include_str!("scripts/reserve.lua")),
        }
    }
}

fn script(body: &str) -> Script {
    let common = include_str!("scripts/common.lua");
    Script::new(&format!("{common}{body}"))
}
