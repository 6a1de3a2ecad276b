//! Blank lines between items: an empty verbatim item prints as one.

use proc_macro2::TokenStream;
use syn::{Attribute, ImplItem, Item, Macro, Meta, TraitItem};

/// Puts blank lines between the items of a file, of its modules, impls and traits.
pub(super) fn space(file: &mut syn::File) {
    let opening = !file.attrs.is_empty();
    file.items = items(std::mem::take(&mut file.items), opening);
}

/// What an item looks like to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// `use …;`
    Import,
    /// `mod …;`
    Declaration,
    /// `const …;`, `static …;`, `type …;`
    Line,
    /// `comment!("…");`: belongs to what follows.
    Comment,
    /// Anything else.
    Block,
}

/// Puts blank lines between items. `opening`: one before the first, too.
fn items(items: Vec<Item>, opening: bool) -> Vec<Item> {
    between(items, opening, item_look, Item::Verbatim, |item| match item {
        Item::Mod(module) => {
            let opening = module
                .attrs
                .iter()
                .any(|attribute| matches!(attribute.style, syn::AttrStyle::Inner(_)));
            if let Some((_, content)) = &mut module.content {
                *content = self::items(std::mem::take(content), opening);
            }
        }
        Item::Impl(block) => {
            let inside = std::mem::take(&mut block.items);
            block.items = between(inside, false, impl_look, ImplItem::Verbatim, |_| ());
        }
        Item::Trait(block) => {
            let inside = std::mem::take(&mut block.items);
            block.items = between(inside, false, trait_look, TraitItem::Verbatim, |_| ());
        }
        _ => (),
    })
}

/// Puts `blank` between items, except between lines of one kind and behind a comment.
fn between<T>(
    items: Vec<T>,
    opening: bool,
    look: impl Fn(&T) -> (Look, bool),
    blank: impl Fn(TokenStream) -> T,
    mut inside: impl FnMut(&mut T),
) -> Vec<T> {
    let mut spaced = Vec::with_capacity(items.len() * 2);
    let mut before: Option<Look> = None;
    for mut item in items {
        let (now, documented) = look(&item);
        let together = match before {
            None => !opening,
            Some(Look::Comment) => true,
            Some(Look::Block) => false,
            Some(before) => before == now && !documented,
        };
        if !together {
            spaced.push(blank(TokenStream::new()));
        }
        inside(&mut item);
        spaced.push(item);
        before = Some(now);
    }
    spaced
}

fn item_look(item: &Item) -> (Look, bool) {
    match item {
        Item::Use(item) => (Look::Import, documented(&item.attrs)),
        Item::ExternCrate(item) => (Look::Import, documented(&item.attrs)),
        Item::Mod(item) if item.content.is_none() => (Look::Declaration, documented(&item.attrs)),
        Item::Const(item) => (Look::Line, documented(&item.attrs)),
        Item::Static(item) => (Look::Line, documented(&item.attrs)),
        Item::Type(item) => (Look::Line, documented(&item.attrs)),
        Item::Macro(item) => macro_look(&item.mac),
        _ => (Look::Block, false),
    }
}

fn impl_look(item: &ImplItem) -> (Look, bool) {
    match item {
        ImplItem::Const(item) => (Look::Line, documented(&item.attrs)),
        ImplItem::Type(item) => (Look::Line, documented(&item.attrs)),
        ImplItem::Macro(item) => macro_look(&item.mac),
        _ => (Look::Block, false),
    }
}

fn trait_look(item: &TraitItem) -> (Look, bool) {
    match item {
        TraitItem::Const(item) => (Look::Line, documented(&item.attrs)),
        TraitItem::Type(item) => (Look::Line, documented(&item.attrs)),
        TraitItem::Macro(item) => macro_look(&item.mac),
        _ => (Look::Block, false),
    }
}

fn macro_look(invocation: &Macro) -> (Look, bool) {
    match invocation.path.is_ident("comment") {
        true => (Look::Comment, true),
        false => (Look::Block, false),
    }
}

/// Whether attributes other than `cfg` stand before an item.
fn documented(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => !list.path.is_ident("cfg"),
        _ => true,
    })
}
