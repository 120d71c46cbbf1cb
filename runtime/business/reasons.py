"""The reasons a customer can choose from, in six languages."""

from domain.reasons import OTHER, Reason
from domain.subjects import Kind

_LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "ar")
_ORDER = frozenset({Kind.ORDER})
_APPOINTMENT = frozenset({Kind.APPOINTMENT})
_BOTH = frozenset(Kind)

_CATALOGUE: tuple[tuple[str, frozenset[Kind], tuple[str, ...]], ...] = (
    (
        "changed_mind",
        _BOTH,
        (
            *("I changed my mind", "Ich habe es mir anders überlegt", "J’ai changé d’avis"),
            *("He cambiado de opinión", "Mudei de ideia", "غيّرت رأيي"),
        ),
    ),
    (
        "no_longer_needed",
        _ORDER,
        (
            *("No longer needed", "Nicht mehr benötigt", "Je n’en ai plus besoin"),
            *("Ya no lo necesito", "Não preciso mais", "لم أعد بحاجة إليه"),
        ),
    ),
    (
        "ordered_by_mistake",
        _ORDER,
        (
            *("Ordered by mistake", "Versehentlich bestellt", "Commandé par erreur"),
            *("Pedido por error", "Pedido por engano", "طُلب بالخطأ"),
        ),
    ),
    (
        "found_cheaper",
        _ORDER,
        (
            *("Found it cheaper elsewhere", "Anderswo günstiger gefunden", "Trouvé moins cher"),
            *("Lo encontré más barato", "Encontrei mais barato", "وجدته بسعر أقل"),
        ),
    ),
    (
        "too_slow",
        _ORDER,
        (
            *("Delivery takes too long", "Die Lieferung dauert zu lange", "Livraison trop longue"),
            *("La entrega tarda demasiado", "A entrega demora demais", "التوصيل يستغرق وقتًا طويلًا"),
        ),
    ),
    (
        "wrong_item",
        _ORDER,
        (
            *("Wrong item", "Falscher Artikel", "Mauvais article"),
            *("Artículo equivocado", "Artigo errado", "منتج خاطئ"),
        ),
    ),
    (
        "damaged",
        _ORDER,
        (
            *("Arrived damaged", "Beschädigt angekommen", "Arrivé abîmé"),
            *("Llegó dañado", "Chegou danificado", "وصل تالفًا"),
        ),
    ),
    (
        "illness",
        _APPOINTMENT,
        ("Illness", "Krankheit", "Maladie", "Enfermedad", "Doença", "مرض"),
    ),
    (
        "schedule_conflict",
        _APPOINTMENT,
        (
            *("I can’t make it", "Ich kann den Termin nicht wahrnehmen", "Je suis empêché"),
            *("No puedo acudir", "Não posso comparecer", "لا أستطيع الحضور"),
        ),
    ),
    (
        "transport",
        _APPOINTMENT,
        (
            *("Trouble getting there", "Probleme bei der Anreise", "Problème de transport"),
            *("Problemas de transporte", "Problema de transporte", "مشكلة في الوصول"),
        ),
    ),
    (
        OTHER,
        _BOTH,
        ("Something else", "Etwas anderes", "Autre chose", "Otra cosa", "Outro motivo", "سبب آخر"),
    ),
)

REASONS = tuple(
    Reason(
        code=code,
        labels=dict(zip(_LANGUAGES, labels, strict=True)),
        kinds=kinds,
        note_required=code == OTHER,
        position=position,
    )
    for position, (code, kinds, labels) in enumerate(_CATALOGUE, 1)
)
