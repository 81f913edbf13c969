"""Word lists: names, places, things. Seen in training unless they stand in a HELD_OUT list."""


def _split(text):
    return text.split()


NAMES = _split('''Mira Tom Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Maria Nina Oscar Paul Rosa Sam Tina Victor
Wendy Adam Bella Carl Daisy Eric Fiona George Helen Ivan Julia Karl Lily Max Nora Oliver Peter Ruby Sarah Theo Uma Vera Will Yara Zoe
Alice Bob Carol Dan Ella Frank Gina Hugo Iris John Kim Lucy Mark Nadia Otto Priya Robert Sofia Tim Lena Jonas Mary James Lisa Ali Omar
Fatima Chen Wei Yuki Ken Aisha Diego Luis Carmen Pablo Elena Boris Olga Ines Marco Laura Simon Eva Martin''')
HELD_OUT_NAMES = _split('''Tobias Greta Malik Ingrid Cedric Paloma Ronan Sylvie Bruno Anouk Desmond Tilda Ravi Noemi Casper Winona Edgar
Salma Ulrich Beatrix''')
CITIES = _split('''Oslo Paris Rome London Berlin Madrid Vienna Lisbon Dublin Prague Athens Boston Chicago Denver Tokyo Delhi Cairo Lima
Toronto Sydney Bergen Milan Zurich Geneva Hamburg Munich Warsaw Budapest Seattle Austin Houston Nairobi Lagos Kyoto Seoul Hanoi Porto
Seville Naples Turin Glasgow York Bath Leeds Bonn Graz Basel Krakow''')
HELD_OUT_CITIES = _split('Tallinn Quito Malmo Bristol Lyon Osaka Tampa Ghent Split Adelaide')
JOBS = _split('''baker teacher doctor nurse pilot farmer painter singer writer lawyer driver cook waiter carpenter plumber gardener
engineer architect dentist librarian musician tailor sailor soldier judge actor dancer photographer programmer translator journalist
florist butcher fisherman electrician mechanic optician''')
COLOURS = _split('red blue green yellow orange purple pink black white brown grey gold silver violet turquoise')
FOODS = _split('''pizza pasta soup bread cheese rice salad fish chicken cake chocolate curry sushi potatoes pancakes apples cherries
noodles lentils tomatoes honey mushrooms waffles dumplings olives''')
DRINKS = _split('tea coffee milk water juice lemonade cocoa wine beer cider')
ANIMALS = _split('dog cat horse parrot rabbit hamster goldfish turtle pony goat')
PETS = _split('''Rex Luna Max Bella Milo Coco Rocky Daisy Charlie Lucky Simba Nala Oreo Biscuit Pepper Ginger Shadow Sunny Snowy Misty
Bruno Fluffy Tiger Smokey Toffee Hazel Pickles Waffles Felix Mimi''')
RELATIVES = _split('''sister brother mother father wife husband son daughter friend boss teacher neighbour uncle aunt cousin doctor
grandmother grandfather''')
HOBBIES = _split('''chess tennis football swimming painting reading cooking gardening sailing hiking dancing singing fishing cycling
knitting skiing running climbing photography pottery''')
INSTRUMENTS = _split('violin piano guitar flute drums cello trumpet harp clarinet accordion')
DAYS = _split('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')
MONTHS = _split('January February March April May June July August September October November December')
THINGS = _split('''key passport phone umbrella wallet book letter ticket camera map ring coat hammer bicycle lamp suitcase notebook
laptop charger scarf''')
PLACES = ['drawer', 'kitchen', 'garden', 'car', 'cellar', 'attic', 'box', 'bag', 'office', 'garage', 'cupboard', 'bedroom', 'hall',
          'basket', 'desk', 'shed', 'bathroom', 'library', 'safe', 'fridge']
TIMES = ['on Monday', 'on Tuesday', 'on Wednesday', 'on Thursday', 'on Friday', 'on Saturday', 'on Sunday', 'tomorrow', 'tonight', 'today', 'this evening', 'in the morning',
         'next week', 'this week', 'at noon', 'after work']
ERRANDS = ['water the plants', 'pay the rent', 'clean the kitchen', 'call the bank', 'call the doctor', 'wash the car', 'go to the library', 'go to the market', 'see the doctor',
           'fetch the children', 'send the letter', 'bake a cake', 'pack my bag', 'buy a ticket', 'cut the grass', 'go to work early', 'feed the cat', 'walk the dog']
ACCOUNTS = _split('wifi email bank laptop phone computer library school office work game router server printer account')
EVENTS = _split('meeting party wedding concert exam dinner lesson trip visit interview lecture match')
LOCKS = _split('door safe gate locker garage bicycle alarm suitcase phone house office cellar')
VEHICLES = _split('car bicycle boat van scooter motorbike')
SUBJECTS = _split('history physics music law medicine art biology chemistry French German mathematics geography philosophy economics')
LANGUAGES = _split('French German Italian Spanish Norwegian Swedish Japanese Chinese Russian Greek Turkish Polish Irish Finnish Dutch Danish English')
MUSIC = _split('jazz rock opera folk soul blues pop techno')
NUMBERS = _split('two three four five six seven eight nine ten eleven twelve twenty')
COUNTED = _split('children cats dogs books bicycles brothers sisters friends chairs plants horses houses')
GOODS = _split('ticket coat lamp book table chair phone bicycle ring carpet camera boat hat clock mirror')
FEARS = _split('spiders snakes ghosts heights thunder mice bees wolves storms dragons')
LANDS = _split('Norland Estria Velden Morava Zubrow Lumina Kestria Arvon Tarsis Ombria')
COUNTRIES = _split('''France Germany Italy Spain Norway Sweden Japan China India Brazil Canada Mexico Egypt Kenya Peru Greece Turkey
Poland Ireland Finland''')

CONTACTS = _split('''dentist landlord landlady hairdresser lawyer colleague trainer manager professor girlfriend boyfriend doctor nurse plumber tutor coach
babysitter vet flatmate partner assistant gardener cleaner secretary director pupil guest baby nephew niece grandson twin vicar tailor''') + ['best friend', 'old friend', 'new boss', 'pen friend']
ROLES = _split('''chairman treasurer captain mayor guide secretary director manager cook teacher driver winner leader author speaker organist editor guard judge
president headmaster owner architect host translator painter trainer pilot tenant king queen witness''')
MEASURES = ['shoe size', 'seat number', 'flat number', 'phone number', 'customer number', 'bus number', 'house number', 'account number', 'ticket number', 'room', 'platform',
            'gate', 'number', 'height', 'limit', 'weight', 'postcode', 'shirt size', 'ring size', 'place', 'row', 'class', 'level', 'score', 'lucky number', 'table number', 'pulse', 'record']
FAVOURITES = _split('''film book song band team sport season animal flower game author month dish singer painter poem series street shop park fruit tree day
country island writer actor cheese bird toy holiday word lake composer restaurant story''')
DOINGS = _split('''collect sell grow need write build repair make love miss paint wear keep read prefer bake buy clean cook draw drive feed find hate help know like
mend play practise produce rent teach train translate use want watch fear design carry bring plant hunt dye carve polish record ride''')
STATES = ['allergic to', 'proud of', 'good at', 'bad at', 'fond of', 'interested in', 'looking for', 'waiting for', 'tired of', 'worried about', 'learning', 'reading', 'writing', 'selling',
          'building', 'planning', 'painting', 'afraid of', 'looking forward to', 'thinking of', 'working on', 'dreaming of', 'saving for', 'repairing', 'buying', 'used to', 'responsible for']
_THINGS_DONE = _split('''stamps coins roses novels shoes clocks maps guitars bicycles postcards records candles carpets dresses kites boats birds cactuses letters poems songs
bread butter honey milk nuts eggs wheat pollen dust cats wine tulips potatoes apples maths chess history music football cars houses hats shirts boots glasses knives
watches trains puzzles bees sheep horses tables chairs lamps radios films portraits cheese''')
_HOW = _split('old new small big red blue green black white wooden Italian French English good cheap rare young dry warm heavy')
_ONES = _split('report letter bill house garden piano garage boat roof fence kitchen novel speech shop website choir club wall bridge trip party cake dress programme')
WEEKLY = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays', 'weekdays', 'holidays', 'my birthday']
AMOUNTS = _split('rent salary deposit bill fine fee debt prize loan insurance pension tax entry allowance')
APPOINTMENTS = ['appointment', 'rehearsal', 'holiday', 'delivery', 'deadline', 'anniversary', 'test', 'flight', 'train', 'operation', 'course', 'race', 'sale', 'opening', 'funeral', 'call', 'check-up', 'haircut',
                'dance', 'next meeting', 'first lesson', 'final', 'festival', 'game', 'swimming lesson', 'breakfast', 'school trip', 'birthday party']
MOVING = _split('train bus ferry plane boat taxi tram coach flight ship')
OPENING = _split('shop bank museum library bakery market post pool office restaurant park gate theatre school station')
COMING = _split('electrician doctor postman guest cleaner parcel train gardener painter teacher mechanic baby inspector')
NAMED = _split('''restaurant boat school village street company team ship band farm shop river lake mountain project newspaper club pub theatre station island cafe hospital
film book song museum bridge castle game''')
MAKES = _split('Ford Fiat Toyota Opel Skoda Honda Seat Mini Audi Renault Tesla Mazda Saab Jeep Dacia Peugeot')
BODY = _split('arm leg foot hand knee back shoulder finger toe nose neck wrist ankle rib thumb elbow')
ILLNESSES = _split('flu cold cough fever measles mumps toothache headache migraine hiccups')
STUFF = _split('wood gold silver glass paper wool iron leather stone clay tin silk plastic brass ivory')
SAME = {'city': ('town', 'place'), 'town': ('city', 'place'), 'film': ('movie',), 'book': ('novel', 'book'), 'job': ('profession', 'work', 'occupation'), 'price': ('cost',), 'begin': ('start',), 'begins': ('starts',), 'start': ('begin',),
        'favourite': ('favorite', 'best'), 'colour': ('color',), 'called': ('named',), 'house': ('home', 'flat'), 'afraid': ('scared',), 'number': ('no', 'number'), 'meet': ('see',), 'give': ('buy', 'give'), 'bicycle': ('bike',), 'phone': ('telephone', 'mobile'),
        'children': ('kids',), 'mother': ('mum', 'mom'), 'father': ('dad',), 'hobby': ('pastime',), 'holiday': ('vacation',), 'ill': ('sick',), 'like': ('love', 'enjoy', 'like'), 'like best': ('prefer',), 'buy': ('get',), 'lunch': ('dinner',),
        'dish': ('meal',), 'picture': ('photo',), 'coat': ('jacket',), 'shop': ('store',), 'boss': ('chief', 'boss'), 'friend': ('friend', 'pal')}
_PREPOSITIONS = ['in', 'on', 'under', 'behind', 'next to', 'beside', 'near', 'in front of', 'above']
_FURNITURE = _split('table shelf bed sofa door stairs mat window roof tree stove piano wall mirror chair stone bridge church station house carpet curtain clock bench bucket pillow fence')
_SITES = _split('hospital school bank bakery museum factory airport library hotel shop station university restaurant farm theatre garage post zoo church market mine brewery circus prison')
_HOURS = ['half past', 'a quarter to', 'a quarter past']


def thing_done(random, book_words):
    """What a verb can have behind it: "stamps", "old maps", "the report", a word of the books."""
    kind = random.random()
    if kind < 0.35:
        return random.choice(_THINGS_DONE)
    if kind < 0.6:
        return f'{random.choice(_HOW)} {random.choice(_THINGS_DONE)}'
    if kind < 0.75:
        return f'{random.choice(("the", "the", "a", "the new", "the old"))} {random.choice(_ONES)}'
    return random.choice(book_words)


def spot(random, book_words):
    """Where something lies: "under the piano", "on level 4"."""
    if random.random() < 0.12:
        return f'on {random.choice(("level", "floor", "row", "deck", "page"))} {random.choice(NUMBERS + ["one", "1", "2", "4", "5", "7"])}'
    noun = random.choice(book_words) if random.random() < 0.2 else random.choice(_FURNITURE + PLACES)
    colour = f'{random.choice(COLOURS)} ' if random.random() < 0.15 else ''
    return f'{random.choice(_PREPOSITIONS)} the {colour}{noun}'


def moment(random):
    """When something is: "on Tuesday at ten", "tomorrow", "in June", "at half past six", "on 3 May"."""
    hour = random.choice(NUMBERS[:11])
    clock = random.choice((hour, f'{random.choice(_HOURS)} {hour}', f'{random.randint(1, 23)}:{random.choice(("00", "15", "30", "45", "10", "20"))}', f'{hour} in the morning', f'{hour} in the evening', 'noon'))
    day = random.choice([f'on {random.choice(DAYS)}', f'on {random.choice(DAYS)}', 'tomorrow', 'today', 'next week', f'on {random.randint(1, 28)} {random.choice(MONTHS)}', f'in {random.choice(MONTHS)}', 'next month',
                         f'at the end of {random.choice(MONTHS)}', 'next year', 'in spring', 'in summer', 'in autumn', 'in winter', 'in two weeks'])
    return random.choice((day, day, f'at {clock}', f'at {clock}', f'{day} at {clock}' if day.startswith('on ') or day in ('tomorrow', 'today') else day))


def site(random, book_words):
    return f'{random.choice(("at the", "in a", "at a", "in the"))} {random.choice(book_words) if random.random() < 0.15 else random.choice(_SITES)}'

_STARTS = 'b br c d dr f g gr h j k kl l m n p pr qu r s sh st t tr v w y z'.split() + ['']
_VOWELS = 'a e i o u a e o ai ea oo y'.split()
_ENDS = 'n r l s m k t d th nd x sh v'.split() + [''] * 6


def invented(random):
    """An invented name of two or three syllables, such as "Drelon" or "Kavira"."""
    syllables = random.choice((2, 2, 2, 3))
    word = ''.join(random.choice(_STARTS) + random.choice(_VOWELS) + (random.choice(_ENDS) if i == syllables - 1 or random.random() < .3 else '')
                   for i in range(syllables))
    return word.capitalize()
