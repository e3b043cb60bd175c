//! What a guest is told. It is nearly the same in all contracts so far, in types of their own: whoever
//! calls [`told`] has the bindings' `types` in scope, and names what of a member its contract tells
//! besides.

macro_rules! told {
    ($($besides:ident)?) => {
        fn context(context: &Context) -> types::Context {
            types::Context {
                program: context.program.clone(),
                revision: context.revision,
                now: context.now.as_microsecond(),
                today: context.today.to_string(),
                seed: context.seed,
                config: context.config.to_string(),
                state: context.state.as_ref().map(Value::to_string),
            }
        }

        fn member(member: &Member) -> types::Member {
            types::Member {
                id: member.id.clone(),
                external_id: member.external_id.clone(),
                kind: match member.kind {
                    MemberKind::Person => types::MemberKind::Person,
                    MemberKind::Organization => types::MemberKind::Organization,
                },
                locale: member.locale.clone(),
                tier: member.tier.clone(),
                points: member.points,
                purchases: member.purchases,
                spent_minor: member.spent_minor,
                joined_on: member.joined_on.to_string(),
                last_purchase_on: member.last_purchase_on.map(|date| date.to_string()),
                contacts: member.contacts.iter().map(contact).collect(),
                $($besides: member.$besides.clone(),)?
            }
        }

        fn event(event: &Event) -> types::Event {
            types::Event {
                id: event.id.clone(),
                name: event.name.clone(),
                occurred_at: event.occurred_at.as_microsecond(),
                data: event.data.to_string(),
            }
        }

        fn purchase(purchase: &Purchase) -> types::Purchase {
            types::Purchase {
                reference: purchase.reference.clone(),
                currency: purchase.currency.clone(),
                total_minor: purchase.total_minor,
                purchased_on: purchase.purchased_on.to_string(),
                lines: purchase.lines.iter().map(line).collect(),
            }
        }

        fn stored_record(record: &StoredRecord) -> types::StoredRecord {
            types::StoredRecord {
                key: types::RecordKey {
                    record_type: record.key.record_type.clone(),
                    external_id: record.key.external_id.clone(),
                },
                data: record.data.to_string(),
                state: record.state.as_ref().map(Value::to_string),
            }
        }

        fn contact(contact: &Contact) -> types::Contact {
            types::Contact {
                id: contact.id.clone(),
                role: contact.role.clone(),
                locale: contact.locale.clone(),
            }
        }

        fn line(line: &PurchaseLine) -> types::PurchaseLine {
            types::PurchaseLine {
                sku: line.sku.clone(),
                category: line.category.clone(),
                quantity: line.quantity,
                amount_minor: line.amount_minor,
            }
        }

        fn failure(failure: types::Failure) -> Failure {
            Failure { code: failure.code, message: failure.message }
        }

        fn record_key(key: types::RecordKey) -> RecordKey {
            RecordKey { record_type: key.record_type, external_id: key.external_id }
        }

        impl log::Host for State {
            fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
                let level = match level {
                    log::Level::Debug => "debug",
                    log::Level::Info => "info",
                    log::Level::Warn => "warn",
                    log::Level::Error => "error",
                };
                self.log.push(level, &message);
                Ok(())
            }
        }

        impl types::Host for State {}

        /// Adds what components of this contract import.
        pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
            Plugin::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
        }

        pub(super) async fn on_event(
            plugin: &Plugin,
            store: &mut Store<State>,
            context: &Context,
            member: Option<&Member>,
            event: &Event,
        ) -> Answered<Vec<Action>> {
            let (context, member, event) =
                (self::context(context), member.map(self::member), self::event(event));
            let handler = plugin.perennial_plugin_handler();
            let answer = handler.call_on_event(store, &context, member.as_ref(), &event).await?;
            Ok(answer.map(actions).map_err(failure))
        }

        pub(super) async fn appraise(
            plugin: &Plugin,
            store: &mut Store<State>,
            context: &Context,
            member: &Member,
            purchase: &Purchase,
        ) -> Answered<Vec<Proposal>> {
            let (context, member, purchase) =
                (self::context(context), self::member(member), self::purchase(purchase));
            let handler = plugin.perennial_plugin_handler();
            let answer = handler.call_appraise(store, &context, &member, &purchase).await?;
            Ok(answer.map(proposals).map_err(failure))
        }

        pub(super) async fn view(
            plugin: &Plugin,
            store: &mut Store<State>,
            context: &Context,
            member: &Member,
            records: &[StoredRecord],
        ) -> Answered<String> {
            let (context, member) = (self::context(context), self::member(member));
            let records = records.iter().map(stored_record).collect::<Vec<_>>();
            let handler = plugin.perennial_plugin_handler();
            let answer = handler.call_view(store, &context, &member, &records).await?;
            Ok(answer.map_err(failure))
        }
    };
}

pub(super) use told;
